"""Instant and range queries over what is stored."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from query.prometheus.answers import document
from query.prometheus.asked import Asked
from query.prometheus.bad_requests import BadParameter, BadRequest
from query.prometheus.prepared import Context, Prepared, Tables, documented
from query.prometheus.reader import Reader
from query.prometheus.stored.source import StoredSource
from query.prometheus.stored.span import Span
from query.promql.engine import Answer, Engine, Limits
from query.promql.errors import ParseFailure, QueryTimeout
from query.promql.parsing.parse import parse
from query.promql.reach import Reaches
from query.promql.standing import STANDING
from query.promql.tree import Call, Node, walk

# Steps between the first and the last: so one point more.
MAX_STEPS: Final = 11_000

# Dashboards and rules ask the same again and again.
_parsed = lru_cache(maxsize=1_024)(parse)


def instant(asked: Asked, context: Context) -> Prepared:
    """`/query`. Raises PromqlError."""
    limit = asked.count("limit")
    time_ms = asked.time_ms("time", context.now_ns // 1_000_000)
    text = asked.text("query")
    evaluation = _Evaluation(asked, context)
    node = _node(text)
    return evaluation.prepared(
        node, (time_ms, time_ms), limit, lambda engine: engine.instant_of(node, text, time_ms)
    )


def ranged(asked: Asked, context: Context) -> Prepared:
    """`/query_range`; raises as `instant`."""
    limit = asked.count("limit")
    start_ms, end_ms, step_ms = _range(asked)
    text = asked.text("query")
    evaluation = _Evaluation(asked, context)
    node = _node(text, step_ms, end_ms - start_ms)
    return evaluation.prepared(
        node,
        (start_ms, end_ms),
        limit,
        lambda engine: engine.range_of(node, text, start_ms, end_ms, step_ms),
    )


def _range(asked: Asked) -> tuple[int, int, int]:
    start_ms, end_ms = asked.time_ms("start"), asked.time_ms("end")
    if end_ms < start_ms:
        raise BadParameter("end", "end timestamp must not be before start time")
    step_ms = asked.duration_ms("step")
    if step_ms <= 0:
        raise BadParameter(
            "step",
            "zero or negative query resolution step widths are not accepted. "
            "Try a positive integer",
        )
    if (end_ms - start_ms) // step_ms > MAX_STEPS:
        raise BadRequest(
            f"exceeded maximum resolution of {MAX_STEPS:,} points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    return start_ms, end_ms, step_ms


def _node(text: str, *range_ms: int) -> Node:
    try:
        return _parsed(text, *range_ms)
    except ParseFailure as error:
        raise BadParameter("query", error) from error


def _lookback_ms(asked: Asked) -> int | None:
    try:
        return asked.maybe_duration_ms("lookback_delta")
    except BadParameter as error:
        raise BadRequest(f"error parsing lookback delta duration: {error.what}") from error


class _Evaluation:
    """Of one query, by its own lookback and timeout."""

    def __init__(self, asked: Asked, context: Context) -> None:
        lookback_ms = _lookback_ms(asked)
        if lookback_ms is None or lookback_ms <= 0:
            lookback_ms = context.settings.lookback_ms
        self._lookback_ms = lookback_ms
        self._timeout_s = context.timeout_s
        timeout_ms = asked.maybe_duration_ms("timeout")
        if timeout_ms is not None:
            self._timeout_s = min(self._timeout_s, timeout_ms / 1000)
        self._now_ns = context.now_ns
        self._check = check(self._timeout_s)

    def prepared(
        self,
        node: Node,
        times_ms: tuple[int, int],
        limit: int | None,
        evaluate: Callable[[Engine], Answer],
    ) -> Prepared:
        """`times_ms` are the first and the last that are asked for."""
        tables = Tables()
        add_reaches(tables, node, Reaches(*times_ms, self._lookback_ms), self._now_ns)

        def answer(reader: Reader) -> dict[str, Any]:
            made = engine(reader, self._lookback_ms, self._check)
            try:
                return document(evaluate(made), times_ms[1], limit)
            except ParseFailure as error:
                raise BadParameter("query", error) from error

        return Prepared(tables, documented(answer), self._timeout_s)


def add_reaches(tables: Tables, node: Node, reaches: Reaches, now_ns: int) -> None:
    """What is read for each selector of a query."""
    may_stand = any(isinstance(one, Call) and one.function in STANDING for one in walk(node))
    for reach in reaches.of(node):
        span = Span(reach.start_ms, reach.end_ms)
        if may_stand and span.hours:
            # The time of an hour's rollup is its beginning, which is before what the span has.
            tables.add("metric_rollups", span.since(1).whole_ns)
        tables.select(reach.matchers, span, reaches.lookback_ms, now_ns)


def engine(reader: Reader, lookback_ms: int, check: Callable[[], None]) -> Engine:
    """Over what is stored; `check` is as in Limits."""
    limits = Limits(
        lookback_ms=lookback_ms,
        max_samples=reader.promql.max_samples,
        max_cells=reader.max_cells,
        max_points=MAX_STEPS + 1,
        check=check,
    )
    return Engine(StoredSource(reader, lookback_ms), limits)


def check(allowed_s: float) -> Callable[[], None]:
    """Raises QueryTimeout where it is called later than so long from now."""
    until_s = time.monotonic() + allowed_s

    def late() -> None:
        if time.monotonic() > until_s:
            raise QueryTimeout("query timed out in expression evaluation")

    return late
