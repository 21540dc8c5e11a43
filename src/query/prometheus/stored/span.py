"""The range of time of a selector."""

from typing import Final, NamedTuple

_NS_PER_MS: Final = 1_000_000
_MINUTE_NS: Final = 60 * 1_000_000_000
_HOUR_MS: Final = 3_600_000
_DAY_NS: Final = 86_400 * 1_000_000_000
_MIN_MS: Final = 0
_MAX_MS: Final = (2**63 - 2) // _NS_PER_MS - 1


# From the first nanosecond to before the second; None where there is no bound.
Bounds = tuple[int | None, int | None]


class Span(NamedTuple):
    """After `start_ms`, up to and with `end_ms`; None where there is no bound."""

    start_ms: int | None
    end_ms: int | None

    @property
    def whole_ns(self) -> Bounds:
        """The instants whose milliseconds these are: from the first to before the second."""
        start, end = self.start_ms, self.end_ms
        return (
            None if start is None else (_clamped(start) + 1) * _NS_PER_MS,
            None if end is None else (_clamped(end) + 1) * _NS_PER_MS,
        )

    @property
    def days_ns(self) -> Bounds:
        """As `whole_ns`, from the beginning of the first day: series are known by days."""
        start_ns, end_ns = self.whole_ns
        return (None if start_ns is None else start_ns // _DAY_NS * _DAY_NS), end_ns

    @property
    def minutes_ns(self) -> Bounds:
        """As `whole_ns`, from the beginning of the first minute."""
        start_ns, end_ns = self.whole_ns
        return (None if start_ns is None else start_ns // _MINUTE_NS * _MINUTE_NS), end_ns

    @property
    def hours(self) -> range:
        """The hours since 1970 that it has all of, but for the first instant of the first: that is
        where another span ends."""
        if self.start_ms is None or self.end_ms is None:
            return range(0)
        return range(-(-max(self.start_ms, 0) // _HOUR_MS), self.end_ms // _HOUR_MS)

    def since(self, earlier_ms: int) -> "Span":
        """The same, begun so much earlier."""
        return self if self.start_ms is None else Span(self.start_ms - earlier_ms, self.end_ms)


def _clamped(time_ms: int) -> int:
    return min(max(time_ms, _MIN_MS - 1), _MAX_MS)
