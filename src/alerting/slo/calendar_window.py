"""Periods of the calendar: days, weeks, months, quarters and years, as a zone's clocks have them.

All wall-clock reckoning is done in local time and turned into minutes since the epoch last, so
that a day with a change of the clocks is 23 or 25 hours long, and a month begins at local midnight.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Unit = Literal["d", "w", "M", "Q", "Y"]
MONTHS: Final[dict[Unit, int]] = {"M": 1, "Q": 3, "Y": 12}
DAYS: Final[dict[Unit, int]] = {"d": 1, "w": 7}
NOMINAL_DAYS: Final[dict[Unit, int]] = {"d": 1, "w": 7, "M": 30, "Q": 90, "Y": 365}


@dataclass(frozen=True)
class CalendarWindow:
    """Periods of `count` units that begin at `start`, local time of `zone`, and repeat."""

    count: int
    unit: Unit
    start: datetime
    zone: str

    @property
    def minutes(self) -> int:
        """Its usual length, from which burn rates are reckoned: a month counts 30 days."""
        return self.count * NOMINAL_DAYS[self.unit] * 1440

    def period(self, minute: int, back: int = 0) -> tuple[int, int]:
        """First minute and first minute after the period that holds `minute`, or `back` before."""
        local = datetime.fromtimestamp(minute * 60, ZoneInfo(self.zone)).replace(tzinfo=None)
        number = self._guess(local)
        while self._edge(number) > minute:
            number -= 1
        while self._edge(number + 1) <= minute:
            number += 1
        return self._edge(number - back), self._edge(number - back + 1)

    def _guess(self, local: datetime) -> int:
        if self.unit in DAYS:
            return (local - self.start).days // (DAYS[self.unit] * self.count)
        months = (local.year - self.start.year) * 12 + local.month - self.start.month
        return months // (MONTHS[self.unit] * self.count)

    def _edge(self, number: int) -> int:
        units = number * self.count
        if self.unit in DAYS:
            return epoch_minute(self.start + timedelta(days=units * DAYS[self.unit]), self.zone)
        # From the anchor each time: the 31st would drift to the 28th for good otherwise.
        return epoch_minute(_months_later(self.start, units * MONTHS[self.unit]), self.zone)


def epoch_minute(local: datetime, zone: str) -> int:
    """The minute of a wall-clock time; one that the clocks skip is read as before the change."""
    return int(local.replace(tzinfo=ZoneInfo(zone)).timestamp() // 60)


def day_edges(start: int, end: int, zone: str) -> tuple[int, ...]:
    """`start`, every local midnight between, and `end`; minutes since the epoch."""
    day = datetime.fromtimestamp(start * 60, ZoneInfo(zone)).date() + timedelta(days=1)
    edges = [start]
    while (edge := _midnight(day, zone)) < end:
        edges.append(edge)
        day += timedelta(days=1)
    return (*edges, end)


def _midnight(day: date, zone: str) -> int:
    return epoch_minute(datetime.combine(day, time()), zone)


def _months_later(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last_day = (following - timedelta(days=1)).day
    return start.replace(year=year, month=month + 1, day=min(start.day, last_day))
