"""Times of day, week, month and year in a place: when a route is muted or active."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerting.durations import SECOND_NS

_WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From first to last; of the minutes of a day the last is excluded, elsewhere included."""

    first: int
    last: int


@dataclass(frozen=True)
class Interval:
    """All fields that say something must hold; in each, one of its spans."""

    times: tuple[Span, ...] = ()
    weekdays: tuple[Span, ...] = ()
    days_of_month: tuple[Span, ...] = ()
    months: tuple[Span, ...] = ()
    years: tuple[Span, ...] = ()
    # None is UTC, as it is with Alertmanager.
    location: tzinfo | None = None

    def contains(self, now_ns: int) -> bool:
        moment = (_EPOCH + timedelta(seconds=now_ns // SECOND_NS)).astimezone(self.location or UTC)
        minute = moment.hour * 60 + moment.minute
        return (
            _within(self.times, minute, end=0)
            and _within(self.weekdays, moment.isoweekday() % 7)
            and _within(self.months, moment.month)
            and _within(self.years, moment.year)
            and self._day_within(moment)
        )

    def _day_within(self, moment: datetime) -> bool:
        length = monthrange(moment.year, moment.month)[1]
        # Days below zero count from the month's end; what lies beyond it is cut off.
        spans = (Span(_day(s.first, length), _day(s.last, length)) for s in self.days_of_month)
        return not self.days_of_month or any(s.first <= moment.day <= s.last for s in spans)


def _day(day: int, length: int) -> int:
    return day if day > 0 else length + day + 1


def _within(spans: tuple[Span, ...], value: int, end: int = 1) -> bool:
    return not spans or any(span.first <= value < span.last + end for span in spans)


def active(names: tuple[str, ...], intervals: Mapping[str, tuple[Interval, ...]], ns: int) -> str:
    """The first named interval that contains the time; empty where none does."""
    return next((n for n in names if any(i.contains(ns) for i in intervals[n])), "")


def time_of_day(text: str) -> int:
    """Minutes since midnight of `HH:MM`. Raises ValueError."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time between 00:00 and 24:00")
    return int(found[1]) * 60 + int(found[2]) if found[1] else 1440


def time_span(start: str, end: str) -> Span:
    """Raises ValueError."""
    span = Span(time_of_day(start), time_of_day(end))
    if span.first >= span.last:
        raise ValueError("start time cannot be equal to or after end time")
    return span


def weekday_span(text: str) -> Span:
    """`monday` or `monday:friday`; the week begins on Sunday. Raises ValueError."""
    return _ordered(text, *_ends(text, lambda day: _named(day, _WEEKDAYS, "weekday", 0)))


def month_span(text: str) -> Span:
    """`may`, `5` or `1:march`. Raises ValueError."""
    span = _ordered(text, *_ends(text, lambda month: _named(month, _MONTHS, "month", 1)))
    if not 1 <= span.first <= span.last <= 12:
        raise ValueError(f"{text!r} is no month of a year")
    return span


def year_span(text: str) -> Span:
    """`2026` or `2026:2030`. Raises ValueError."""
    return _ordered(text, *_ends(text, _number))


def day_span(text: str) -> Span:
    """`1`, `1:5` or `-3:-1`, counted from the month's end. Raises ValueError."""
    first, last = _ends(text, _number)
    for day in (first, last):
        if day == 0 or not -31 <= day <= 31:
            raise ValueError(f"{day} is not a valid day of the month: out of range")
    if first < 0 < last:
        raise ValueError("end day must be negative if start day is negative")
    # With the shortest month it shows what can never hold.
    shortest = [28 + day if day < 0 else day for day in (first, last)]
    if shortest[0] > shortest[1]:
        raise ValueError(f"end day {last} is always before start day {first}")
    return Span(first, last)


def span_text(span: Span) -> str:
    """As it is written in a configuration."""
    return str(span.first) if span.first == span.last else f"{span.first}:{span.last}"


def weekday_text(span: Span) -> str:
    """As it is written in a configuration."""
    first, last = _WEEKDAYS[span.first], _WEEKDAYS[span.last]
    return first if first == last else f"{first}:{last}"


def location(text: str) -> tzinfo:
    """A zone of the IANA database, `UTC` or `Local`. Raises ValueError."""
    if text in ("", "UTC"):
        return UTC
    if text == "Local":
        return datetime.now().astimezone().tzinfo or UTC
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {text}") from None


def _ends(text: str, member: Callable[[str], int]) -> tuple[int, int]:
    first, colon, last = text.lower().partition(":")
    if colon and (not first or not last or ":" in last):
        raise ValueError(f"{text!r} is no range such as first:last")
    return member(first), member(last if colon else first)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def _named(text: str, names: tuple[str, ...], kind: str, offset: int) -> int:
    if text in names:
        return names.index(text) + offset
    if kind == "month" and _NUMBER.fullmatch(text):
        return int(text)
    raise ValueError(f"{text} is not a valid {kind}")


def _ordered(text: str, first: int, last: int) -> Span:
    if first > last:
        raise ValueError(f"{text!r} ends before it starts")
    return Span(first, last)
