"""The steps of a series: pieces of equal length, at whole multiples of it since 1970."""

import re
from decimal import Decimal
from typing import Final

from goldeneye import limits
from goldeneye.durations import duration_ns
from goldeneye.errors import InvalidRequest
from query.asking.window import Window
from query.percentiles.asked import Step

_DEFAULTS: Final = ("1m", "5m", "15m", "1h", "6h", "1d", "1w", "1y")
_SECONDS: Final = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def step_of(written: str, window: Window, shift_ns: int = 0) -> Step:
    """`60`, `0.5` (seconds), `30s`, `5m`; `shift_ns` moves the multiples, so that the steps of an
    earlier range match those of a later one. Raises InvalidRequest."""
    length_ns = _length_ns(written)
    origin_ns = window.start_ns - (window.start_ns + shift_ns) % length_ns
    count = -((origin_ns - window.end_ns) // length_ns)
    if count > limits.MAX_SERIES_STEPS:
        raise InvalidRequest(
            f"step: {written} makes {count} steps of this range, at most "
            f"{limits.MAX_SERIES_STEPS} may be: ask for longer ones, or for less time"
        )
    return Step(origin_ns, length_ns)


def default_step(window: Window) -> str:
    """A minute, or the least of some longer ones that makes no more than 360 steps of it."""
    fitting = (step for step in _DEFAULTS if window.duration_ns <= 360 * duration_ns(step))
    return next(fitting, _DEFAULTS[-1])


def steps_within(step: Step, window: Window) -> list[Window]:
    """The pieces of the window; the first and the last may be shorter than a step."""
    starts = range(step.origin_ns, window.end_ns, step.length_ns)
    return [
        Window(max(start, window.start_ns), min(start + step.length_ns, window.end_ns))
        for start in starts
    ]


def _length_ns(written: str) -> int:
    if _SECONDS.fullmatch(written):
        length_ns = int(Decimal(written) * 1_000_000_000)
        if length_ns == 0:
            raise InvalidRequest("step: must be more than 0")
        return length_ns
    try:
        return duration_ns(written)
    except ValueError as error:
        raise InvalidRequest(f"step: {error}; or seconds, such as 0.5") from None
