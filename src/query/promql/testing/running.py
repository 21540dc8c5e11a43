"""Runs the commands of a test file."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from query.promql.binary.operators import TRIMS
from query.promql.engine import Answer, Engine
from query.promql.errors import ParseFailure, PromqlError
from query.promql.invariance import is_about_query
from query.promql.memory import MemorySource
from query.promql.native.histogram import Histogram
from query.promql.parsing.durations import Durations
from query.promql.parsing.parse import parse
from query.promql.testing.comparing import difference, error_difference, notes_difference
from query.promql.testing.loading import load
from query.promql.testing.script import Clear, Command, Eval, Load, Unreadable
from query.promql.testing.variants import variants
from query.promql.tree import Aggregate, Binary, Call, Node, Selector, walk

STABLE, NATIVE, EXPERIMENTAL = "stable", "native", "experimental"
CLASSES = (STABLE, NATIVE, EXPERIMENTAL)
_MINUTE_MS = 60_000
_ALWAYS_MS = 1 << 60
_FLAGGED_AGGREGATIONS = frozenset({"limitk", "limit_ratio"})
_FLAGGED_WORDS = re.compile(
    r"\b(anchored|smoothed|fill|fill_left|fill_right|info|limitk|limit_ratio)\b"
    r"|\[[^\]]*[-+*/^%(][^\]]*\]|\boffset\s*-?\s*\("
)
_NATIVE_WORDS = re.compile(r"</|>/|\bhistogram_(avg|count|sum|stddev|stdvar)\b")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One evaluation; `failure` tells expected and got, None where it passed."""

    line: int
    query: str
    kind: str
    failure: str | None


def run(commands: list[Command]) -> Iterator[Outcome]:
    """Each evaluation's outcome, in order."""
    source = MemorySource()
    for command in commands:
        match command:
            case Clear():
                source = MemorySource()
            case Load():
                load(source, command)
            case Eval():
                yield _outcome(source, command)
            case Unreadable():
                failure = f"expected a readable evaluation\ngot {command.reason}"
                yield Outcome(command.line, command.text, _kind_of_text(command.text), failure)


def _outcome(source: MemorySource, command: Eval) -> Outcome:
    try:
        node = parse(command.query, command.step_ms, command.end_ms - command.start_ms)
    except ParseFailure as error:
        failure = error_difference(command.expected, error)
        kind = NATIVE if _expects_native(command) else STABLE
        kind = _kind_of_text(command.query, kind)
        return Outcome(command.line, command.query, kind, failure)
    kind = EXPERIMENTAL if _computes(command.query) else _kind(source, command, node)
    try:
        failure = _failure(Engine(source), command, node)
    except Exception as error:  # a defect of the engine is one failed evaluation
        failure = f"expected an answer\ngot {type(error).__name__}: {error}"
    return Outcome(command.line, command.query, kind, failure)


def _computes(query: str) -> bool:
    """Whether durations of the query are computed."""
    return Durations(1, 1).plain(query) != query


def _expects_native(command: Eval) -> bool:
    values = (value for series in command.expected.series for value in series.values)
    return any(isinstance(value, Histogram) for value in values)


def _kind_of_text(text: str, otherwise: str = STABLE) -> str:
    if _FLAGGED_WORDS.search(text):
        return EXPERIMENTAL
    return NATIVE if _NATIVE_WORDS.search(text) else otherwise


def _is_flagged(node: Node) -> bool:
    if isinstance(node, Selector):
        return bool(node.extension)
    if isinstance(node, Binary):
        fills = (node.matching.fill_left, node.matching.fill_right)
        return any(fill is not None for fill in fills)
    if isinstance(node, Aggregate):
        return node.operator in _FLAGGED_AGGREGATIONS
    return isinstance(node, Call) and node.experimental


def _kind(source: MemorySource, command: Eval, node: Node) -> str:
    if any(_is_flagged(part) for part in walk(node)):
        return EXPERIMENTAL
    selectors = [part for part in walk(node) if isinstance(part, Selector)]
    touched = any(
        source.select(selector.matchers, -_ALWAYS_MS, _ALWAYS_MS).histograms is not None
        for selector in selectors
    )
    trims = any(isinstance(part, Binary) and part.operator in TRIMS for part in walk(node))
    return NATIVE if touched or trims or _expects_native(command) else STABLE


def _failure(engine: Engine, command: Eval, node: Node) -> str | None:
    query = command.query
    if not command.is_instant:
        start, end, step = command.start_ms, command.end_ms, command.step_ms
        return _compared(command, lambda: engine.range_of(node, query, start, end, step))
    queries = [(node, command.start_ms), *variants(node, command.start_ms)]
    for number, (variant, time) in enumerate(queries):
        failure = _instant_failure(engine, command, variant, time)
        if failure is not None:
            return failure if number == 0 else f"with @, at {time / 1000:g}s:\n{failure}"
        if "fail" in command.expected.kinds:
            return None
    return None


def _compared(command: Eval, answer_of: Callable[[], Answer]) -> str | None:
    try:
        answer = answer_of()
    except PromqlError as error:
        return error_difference(command.expected, error)
    if "fail" in command.expected.kinds:
        return f"expected an error\ngot {answer.kind} with {len(answer.series)} series"
    return notes_difference(command.expected, answer) or difference(command, answer)


def _instant_failure(engine: Engine, command: Eval, node: Node, time: int) -> str | None:
    moved = replace(command, start_ms=time, end_ms=time)
    kind = ""

    def answer() -> Answer:
        nonlocal kind
        found = engine.instant_of(node, command.query, time)
        kind = found.kind
        return found

    failure = _compared(moved, answer)
    skipped = {"fail", "ordered"} & command.expected.kinds or any(map(is_about_query, walk(node)))
    if failure is not None or skipped or kind not in ("scalar", "vector"):
        return failure
    failure = _compared(moved, lambda: _middle_step(engine, command.query, node, time, kind))
    return None if failure is None else f"as a range query:\n{failure}"


def _middle_step(engine: Engine, query: str, node: Node, time: int, kind: str) -> Answer:
    """The answer at one time, taken from a range query around it."""
    answer = engine.range_of(node, query, time - _MINUTE_MS, time + _MINUTE_MS, _MINUTE_MS)
    series = []
    for one in answer.series:
        here = one.times == time
        if here.any():
            index = int(here.argmax())
            held = {0: one.histograms[index]} if index in one.histograms else {}
            series.append(
                replace(one, times=one.times[here], values=one.values[here], histograms=held)
            )
    return replace(answer, kind=kind, series=series)
