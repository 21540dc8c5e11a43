"""Aggregations over series that come some at a time, so that never all of them are in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

from query.promql.aggregation.totals import Totals
from query.promql.bounds import chunks
from query.promql.frame import Frame
from query.promql.functions import mathematics
from query.promql.functions.registry import FUNCTIONS
from query.promql.holding import samples_held
from query.promql.samples import SeriesSet
from query.promql.selecting import parts_of_series
from query.promql.source import Whole
from query.promql.standing import STANDING, Standing
from query.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Negative,
    Node,
    Paren,
    Range,
    Selector,
    bare,
    value_type,
    walk,
)
from query.promql.vector import Vector, joined

Aggregation = Callable[[Aggregate, Frame, Vector], Vector]
# What they give for the results of parts is what they give for all.
_REPEATABLE = frozenset({"min", "max", "group", "topk", "bottomk"})
_ADDED = frozenset({"sum", "avg", "count"})
# Series x steps of a result that is there at once.
_CELLS: Final = 1 << 19
# Functions of each series for itself, beside those of range vectors.
_BY_SERIES = frozenset(mathematics.FUNCTIONS) | {"timestamp"}


@dataclass(frozen=True)
class _Only(Whole):
    """The part of a selector's series that is at hand."""

    series: SeriesSet

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        return self.series


def in_parts(node: Aggregate, frame: Frame, aggregation: Aggregation) -> Vector | None:
    """The aggregation's value; None where it takes all series at once."""
    if node.operator not in _REPEATABLE | _ADDED:
        return None
    selected = _selected(node.inner)
    if selected is None:
        return None
    vectors = _vectors(node.inner, frame, selected)
    first = next(vectors)
    second = next(vectors, None)
    if second is None:
        return aggregation(node, frame, first)
    if node.operator in _ADDED:
        return _added(node, [first, second], vectors)
    whole = aggregation(node, frame, first)
    for vector in chain([second], vectors):
        both = joined([whole, aggregation(node, frame, vector)])
        whole = aggregation(node, frame, both)
    return whole


def _added(node: Aggregate, first: Sequence[Vector], others: Iterator[Vector]) -> Vector | None:
    totals = Totals(node)
    for vector in chain(first, others):
        totals.add(vector)
    return totals.vector()


class _Selected(NamedTuple):
    """A selector, the range that it looks back (None for the lookback), and which sample may stand
    for an hour's."""

    selector: Selector
    back_ms: int | None = None
    standing: Standing | None = None


def _vectors(node: Node, frame: Frame, selected: _Selected) -> Iterator[Vector]:
    """The node's value for some series at a time; one vector at least."""
    query = frame.query
    back_ms = query.lookback_ms if selected.back_ms is None else selected.back_ms
    for several in parts_of_series(frame, selected.selector, back_ms, selected.standing):
        for series in _smaller(several, frame.grid.count):
            own = Frame(replace(query, source=_Only(series)), frame.grid)
            vector = own.vector(node)
            # All of them count, though they are not there at once: so does Prometheus.
            query.held += samples_held(vector)
            yield vector


def _smaller(series: SeriesSet, steps: int) -> Iterator[SeriesSet]:
    """Of series without native histograms so many at a time as have results of bounded size."""
    if series.histograms is not None or len(series.labels) * steps <= _CELLS:
        yield series
        return
    for first, last in chunks(len(series.labels), steps, _CELLS):
        yield SeriesSet(series.labels[first:last], series.floats.part(first, last))


def _selected(node: Node) -> _Selected | None:
    """The one selector of an expression that takes each series for itself."""
    match node:
        case Selector():
            return _Selected(node)
        case Paren() | Negative():
            return _selected(node.inner)
        case Call() if node.function in _BY_SERIES and node.arguments:
            others = node.arguments[1:]
            return _selected(node.arguments[0]) if _are_plain(others) else None
        case Call() if node.function in FUNCTIONS:
            return _ranged(node)
        case Binary() if value_type(node) == "vector" and node.operator not in ("and", "or"):
            return _beside_number(node)
        case _:
            return None


def _ranged(node: Call) -> _Selected | None:
    """Of a function of one range vector, other than those that look at all series together."""
    ranges = [one for one in map(bare, node.arguments) if isinstance(one, Range)]
    others = [one for one in map(bare, node.arguments) if not isinstance(one, Range)]
    if len(ranges) != 1 or node.function == "absent_over_time" or not _are_plain(others):
        return None
    return _Selected(ranges[0].selector, ranges[0].range_ms, STANDING.get(node.function))


def _beside_number(node: Binary) -> _Selected | None:
    if _are_plain([node.right]):
        return _selected(node.left)
    if _are_plain([node.left]):
        return _selected(node.right)
    return None


def _are_plain(nodes: Sequence[Node]) -> bool:
    """Whether they read nothing."""
    return not any(isinstance(one, Selector) for node in nodes for one in walk(node)) and all(
        value_type(node) in ("scalar", "string") for node in nodes
    )
