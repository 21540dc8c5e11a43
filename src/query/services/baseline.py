"""The earlier range that an answer compares with."""

from goldeneye.durations import duration_ns
from goldeneye.errors import InvalidRequest
from query.asking.window import Window, shifted, window


def baseline(
    now: Window,
    now_ns: int,
    compare: str | None,
    baseline_start: str | None,
    baseline_end: str | None,
) -> Window | None:
    """`compare=1d` is the same range a day earlier; else the one that is given, None where
    nothing is. Raises InvalidRequest."""
    if compare is None and baseline_start is None and baseline_end is None:
        return None
    if compare is None:
        if baseline_start is None or baseline_end is None:
            raise InvalidRequest("baseline_start and baseline_end: one needs the other")
        return window(baseline_start, baseline_end, now_ns, name="baseline_")
    if baseline_start is not None or baseline_end is not None:
        raise InvalidRequest("compare: either this, or baseline_start and baseline_end")
    try:
        shift_ns = duration_ns(compare)
    except ValueError as error:
        raise InvalidRequest(f"compare: {error}") from None
    return shifted(now, shift_ns, "compare")
