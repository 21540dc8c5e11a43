"""Metrics that nobody sent: target_info, those of spans, and those of calls between services."""

from collections.abc import Iterator, Sequence
from typing import Final

from query.prometheus.reader import Reader
from query.prometheus.stored import service_graph as graph
from query.prometheus.stored import span_metrics as spans
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.series import targets_of
from query.prometheus.stored.span import Bounds, Span
from query.prometheus.stored.targets import info_labels, target_infos
from query.promql.labels import METRIC_NAME, Labels
from query.promql.matching import passing
from query.promql.naming.families import TARGET_INFO
from query.promql.tree import Matcher
from query.reads import Reads, Statement

NAMES: Final = (TARGET_INFO, *spans.NAMES, *graph.NAMES)
# Name -> the labels that its series may have, where they are known.
_LABELS: Final = {
    **dict.fromkeys(spans.NAMES, spans.LABELS),
    **dict.fromkeys(graph.NAMES, graph.LABELS),
}
_ANY_SPAN: Final = "SELECT 1 AS one FROM span_rollups LIMIT 1"


def made_blocks(
    reader: Reader, span: Span, lookback_ms: int, matchers: Sequence[Matcher]
) -> Iterator[Block]:
    """Their samples. Raises TooManySamples."""
    names = _names(matchers)
    early = span.since(lookback_ms)
    if TARGET_INFO in names:
        yield from target_infos(reader, span, lookback_ms, tuple(matchers))
    if of_spans := [name for name in names if name in spans.NAMES]:
        yield from spans.span_metrics(reader, early, of_spans, matchers)
    if of_calls := [name for name in names if name in graph.NAMES]:
        yield from graph.service_graph(reader, early, of_calls, matchers)


def is_made(matchers: Sequence[Matcher]) -> bool:
    """Whether they may want some of these."""
    return bool(_names(matchers))


def made_tables(
    matchers: Sequence[Matcher], early: Span, now_ns: int
) -> Iterator[tuple[str, Bounds]]:
    """What is read for them, of times that begin one lookback earlier."""
    names = _names(matchers)
    if any(name in spans.NAMES for name in names):
        yield "span_rollups", early.minutes_ns
    if any(name in graph.NAMES for name in names):
        yield "spans", graph.spans_ns(early, now_ns)


def made_names(reader: Reader, span: Span) -> list[str]:
    """The names of those that have series, as far as that is cheap to tell."""
    names = [TARGET_INFO] if any(targets_of(reader, span)) else []
    statement = Statement(_ANY_SPAN, {"span_rollups": ("minute",)})
    (found,) = reader.read(Reads([statement], *span.minutes_ns))
    return [*names, *spans.NAMES, *graph.NAMES] if found.num_rows else names


def made_labels(
    reader: Reader, span: Span, matchers: Sequence[Matcher], label: str = METRIC_NAME
) -> Iterator[Labels]:
    """Their series, as far as they may have the label."""
    names = [one for one in _names(matchers) if label in {METRIC_NAME, *_LABELS.get(one, [label])}]
    if TARGET_INFO in names:
        yield from info_labels(targets_of(reader, span), tuple(matchers)).values()
    if of_spans := [name for name in names if name in spans.NAMES]:
        yield from passing(matchers, spans.span_metric_labels(reader, span, of_spans))
    if of_calls := [name for name in names if name in graph.NAMES]:
        yield from passing(matchers, graph.service_graph_labels(reader, span, of_calls))


def _names(matchers: Sequence[Matcher]) -> list[str]:
    """Those that the matchers let through, as far as names and known labels tell."""
    about_names = [one for one in matchers if one.name == METRIC_NAME]
    needed = {one.name for one in matchers if one.name != METRIC_NAME and not passing([one], [()])}
    passed = passing(about_names, [((METRIC_NAME, name),) for name in NAMES])
    names = [pairs[0][1] for pairs in passed]
    return [name for name in names if needed <= _LABELS.get(name, needed)]
