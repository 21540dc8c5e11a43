"""The range of time that a question is about."""

from typing import Final, NamedTuple

from goldeneye.errors import InvalidRequest
from goldeneye.times import MAX_NS, MIN_NS, parse_time

HOUR_NS: Final = 3_600 * 1_000_000_000
# As parse_time takes it.
Time = str | int | float


class Window(NamedTuple):
    """From `start_ns`, inclusive, to `end_ns`, exclusive."""

    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


class OpenWindow(NamedTuple):
    """As Window; None where there is no bound."""

    start_ns: int | None
    end_ns: int | None


def window(
    start: str | None, end: str | None, now_ns: int, default_ns: int = HOUR_NS, name: str = ""
) -> Window:
    """The range, by default that of `default_ns` before its end, which is now by default.

    `name` stands before `start` and `end` in errors (`baseline_`). Raises InvalidRequest.
    """
    end_ns = now_ns if end is None else _time(f"{name}end", end, now_ns)
    start_ns = end_ns - default_ns if start is None else _time(f"{name}start", start, now_ns)
    _in_order(start_ns, end_ns, name)
    return Window(start_ns, end_ns)


def open_window(start: Time | None, end: Time | None, now_ns: int) -> OpenWindow:
    """The range, without bounds where none are given. Raises InvalidRequest."""
    start_ns = None if start is None else _time("start", start, now_ns)
    end_ns = None if end is None else _time("end", end, now_ns)
    if start_ns is not None and end_ns is not None:
        _in_order(start_ns, end_ns, "")
    return OpenWindow(start_ns, end_ns)


def _time(name: str, text: Time, now_ns: int) -> int:
    try:
        return parse_time(text, now_ns)
    except InvalidRequest as error:
        raise InvalidRequest(f"{name}: {error}") from error


def shifted(by: Window, earlier_ns: int, name: str) -> Window:
    """The range that much earlier. Raises InvalidRequest that names the parameter."""
    if not MIN_NS <= by.start_ns - earlier_ns <= by.end_ns - earlier_ns <= MAX_NS:
        raise InvalidRequest(f"{name}: leads out of the years from 1900 to 2150")
    return Window(by.start_ns - earlier_ns, by.end_ns - earlier_ns)


def _in_order(start_ns: int, end_ns: int, name: str) -> None:
    if start_ns < MIN_NS:
        raise InvalidRequest(f"{name}start: is before 1900")
    if start_ns >= end_ns:
        raise InvalidRequest(f"{name}start: is not before {name}end")
