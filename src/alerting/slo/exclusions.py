"""Times that count for no objective: maintenance, once or every week."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alerting.durations import MINUTE_NS
from alerting.slo.calendar_window import epoch_minute
from alerting.slo.minutes import Minutes


@dataclass(frozen=True)
class Interval:
    """From `start_ns` to before `end_ns`."""

    start_ns: int
    end_ns: int
    reason: str = ""

    def ranges(self, first: int, last: int) -> list[tuple[int, int]]:
        """The minutes it touches, as ranges that exclude their end."""
        return [(self.start_ns // MINUTE_NS, -(-self.end_ns // MINUTE_NS))]


@dataclass(frozen=True)
class Weekly:
    """From `start` to `end` on each of `weekdays` (Monday is 0), as the zone's clocks show it.

    Where `end` is not after `start` it is the next day's.
    """

    weekdays: tuple[int, ...]
    start: time
    end: time
    zone: str
    reason: str = ""

    def ranges(self, first: int, last: int) -> list[tuple[int, int]]:
        """Those that may touch the minutes from `first` to `last`, which exclude their end."""
        zone = ZoneInfo(self.zone)
        day = datetime.fromtimestamp(first * 60, zone).date() - timedelta(days=1)
        final = datetime.fromtimestamp(last * 60, zone).date()
        found = []
        while day <= final:
            if day.weekday() in self.weekdays:
                until = day + timedelta(days=self.end <= self.start)
                begin = epoch_minute(datetime.combine(day, self.start), self.zone)
                found.append((begin, epoch_minute(datetime.combine(until, self.end), self.zone)))
            day += timedelta(days=1)
        return found


Exclusion = Interval | Weekly


def without(minutes: Minutes, exclusions: tuple[Exclusion, ...]) -> Minutes:
    """The rows that no exclusion touches: their good goes with their bad."""
    if len(minutes.minute) == 0:
        return minutes
    first, last = int(minutes.minute[0]), int(minutes.minute[-1])
    kept = np.ones(len(minutes.minute), dtype=np.bool_)
    for exclusion in exclusions:
        for start, end in exclusion.ranges(first, last):
            kept[slice(*np.searchsorted(minutes.minute, (start, end)))] = False
    return minutes.where(kept)
