"""Instant and range queries over what is stored."""

from collections.abc import Callable
from typing import Any, Final

from query.asking.reader import Reader
from query.pool import Cancellation
from query.prometheus.answers import document
from query.prometheus.asked import Asked
from query.prometheus.bad_requests import BadParameter, BadRequest
from query.prometheus.stored.source import StoredSource
from query.promql.engine import Engine, Limits
from query.promql.errors import ParseFailure, QueryCanceled, QueryTimeout

# Steps between the first and the last: so one point more.
MAX_STEPS: Final = 11_000


def instant(reader: Reader, cancellation: Cancellation, asked: Asked) -> dict[str, Any]:
    """The answer of `/query`. Raises PromqlError and GoldeneyeError."""
    limit = asked.count("limit")
    time_ms = asked.time_ms("time", reader.now_ns // 1_000_000)
    engine = _engine(reader, cancellation, asked)
    try:
        answer = engine.instant(asked.text("query"), time_ms)
    except ParseFailure as error:
        raise BadParameter("query", error) from error
    return document(answer, time_ms, limit)


def ranged(reader: Reader, cancellation: Cancellation, asked: Asked) -> dict[str, Any]:
    """The answer of `/query_range`; raises as `instant`."""
    limit = asked.count("limit")
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
    engine = _engine(reader, cancellation, asked)
    try:
        answer = engine.range(asked.text("query"), start_ms, end_ms, step_ms)
    except ParseFailure as error:
        raise BadParameter("query", error) from error
    return document(answer, end_ms, limit)


def _engine(reader: Reader, cancellation: Cancellation, asked: Asked) -> Engine:
    settings = reader.promql
    lookback_ms = asked.maybe_duration_ms("lookback_delta")
    if lookback_ms is not None and lookback_ms <= 0:
        raise BadParameter("lookback_delta", "must be positive")
    lookback_ms = lookback_ms or settings.lookback_ms
    limits = Limits(
        lookback_ms=lookback_ms,
        max_samples=settings.max_samples,
        max_points=MAX_STEPS + 1,
        check=_check(reader, cancellation, asked.maybe_duration_ms("timeout")),
    )
    return Engine(StoredSource(reader, lookback_ms), limits)


def _check(
    reader: Reader, cancellation: Cancellation, timeout_ms: int | None
) -> Callable[[], None]:
    """Raises where the query has run for too long, or nobody waits for it."""
    allowed_s = reader.timeout_s
    if timeout_ms is not None:
        allowed_s = min(allowed_s, timeout_ms / 1000)
    until_s = reader.monotonic_s() + allowed_s

    def check() -> None:
        if cancellation.cancelled:
            raise QueryCanceled("query was canceled in expression evaluation")
        if reader.monotonic_s() > until_s:
            raise QueryTimeout("query timed out in expression evaluation")

    return check
