"""Which minutes are to be counted again, since rows of theirs came after they were counted.

Once a minute the data is asked of which older minutes rows were received since the last time. So
what is asked is bounded by what came, not by what is there. `Since` outlives a restart, and moves
on only when all that was found is counted: what was found and not counted is found again.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from alerting.durations import MINUTE_NS
from alerting.slo.arrivals import Arrival, Arrivals, ReadBy
from alerting.slo.counted import Counted
from alerting.slo.counting import SloQuerier, base_minutes, sources_of
from alerting.slo.model import Source
from alerting.slo.report import window_of
from alerting.slo.stretches import Stretch, joined, less

# Rows are to be seen at most so long after their receipt.
MARGIN_MINUTES: Final = 3


class Since(Protocol):
    """Up to when all that was received is counted. Both raise GoldeneyeError."""

    def since_ns(self) -> int | None: ...

    def keep(self, since_ns: int) -> None: ...


class _Seen(NamedTuple):
    place: str
    first: int
    end: int
    received: int


class Late:
    """For one thread."""

    def __init__(self, querier: SloQuerier, since: Since) -> None:
        self._querier = querier
        self._kept = since
        self._since_ns: int | None = None
        self._settled_ns: int | None = None
        # As many rows as were there when it was looked last: only of more is anything new.
        self._seen: Mapping[_Seen, int] = {}
        self._left = dict[str, tuple[Stretch, ...]]()

    def left(self, key: str) -> tuple[Stretch, ...]:
        """What is to be counted again."""
        return self._left.get(key, ())

    def done(self, key: str, stretch: Stretch) -> None:
        """These minutes are counted and stored."""
        if key in self._left:
            self._left[key] = less(self._left[key], stretch)

    def look(self, counts: Sequence[Counted], now: int, late_minutes: int) -> None:
        """Find the minutes before the last `late_minutes`. Raises GoldeneyeError."""
        since_ns = self._since(now, late_minutes)
        windows = {one.key: (window_of(one.slo, now)[0], now - late_minutes) for one in counts}
        sources = list({source for one in counts for source in sources_of(one.slo.indicator)})
        if sources:
            first = min(first for first, _ in windows.values())
            found = self._querier.arrived(sources, since_ns, first, now - late_minutes)
            news = self._news(found)
            read_by = dict(zip(sources, found.read_by, strict=True))
            self._left = {
                one.key: _within(windows[one.key], [*self.left(one.key), *_of(one, news, read_by)])
                for one in counts
            }
        self._since_ns = (now - MARGIN_MINUTES) * MINUTE_NS

    def settle(self) -> None:
        """Where all is counted that was found, remember it. Raises GoldeneyeError."""
        if any(self._left.values()) or self._since_ns in (None, self._settled_ns):
            return
        assert self._since_ns is not None
        self._kept.keep(self._since_ns)
        self._settled_ns = self._since_ns

    def _since(self, now: int, late_minutes: int) -> int:
        """Where nothing was ever counted, the last minutes are: they may not all be seen yet."""
        known_ns = self._kept.since_ns() if self._since_ns is None else self._since_ns
        return (now - late_minutes) * MINUTE_NS if known_ns is None else known_ns

    def _news(self, found: Arrivals) -> Mapping[str, Sequence[Stretch]]:
        seen, news = dict[_Seen, int](), dict[str, Sequence[Stretch]]()
        for place, arrivals in found.by_place.items():
            fresh = [one for one in arrivals if self._seen.get(_key(place, one)) != one.rows]
            news[place] = joined((one.first, one.end) for one in fresh)
            seen |= {_key(place, one): one.rows for one in arrivals}
        self._seen = seen
        return news


def _key(place: str, one: Arrival) -> _Seen:
    return _Seen(place, one.first, one.end, one.received)


def _of(
    one: Counted, news: Mapping[str, Sequence[Stretch]], read_by: Mapping[Source, ReadBy]
) -> list[Stretch]:
    """What is new of all that an indicator reads, and the minutes in which it still counts."""
    found = list[Stretch]()
    for source in sources_of(one.slo.indicator):
        reads = read_by[source]
        more = reads.later_minutes + base_minutes(one.slo.indicator, source)
        found += [(first, end + more) for p in reads.places for first, end in news.get(p, ())]
    return found


def _within(window: Stretch, stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    low, high = window
    return joined((max(first, low), min(end, high)) for first, end in stretches)
