"""Values that several kinds of documents hold: names, labels, lengths, times, zones."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from alerting.documents.entry import Entry
from alerting.slo.calendar_window import CalendarWindow
from alerting.slo.exclusions import Exclusion, Interval, Weekly
from alerting.slo.lengths import calendar_units_of, minutes_of
from alerting.slo.model import Labels, RollingWindow, Window
from alerting.slo.span_filter import Filter
from alerting.slo.span_filter_parser import parse

T = TypeVar("T")
MIN_WINDOW_MINUTES: Final = 60
# So long minutes are kept by default.
MAX_WINDOW_MINUTES: Final = 400 * 1_440
MAX_NAME: Final = 253
# A Monday, and the first day of a month, a quarter and a year.
CALENDAR_START: Final = datetime(2001, 1, 1)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def understood(entry: Entry, read: Callable[[str], T]) -> T:
    """The text as `read` has it, whose ValueError becomes a fault of the entry."""
    entry.text()
    return entry.converted(lambda text: read(text.strip()))


def name(entry: Entry) -> str:
    text = entry.text()
    if len(text) > MAX_NAME or not all(c.isalnum() or c in "-_.:/ " for c in text):
        entry.fail(f"a name is at most {MAX_NAME} letters, digits and -_.:/ ")
    return text


def labels(entry: Entry | None) -> Labels:
    """Names with texts; a list of texts becomes one, joined by commas."""
    if entry is None:
        return ()
    return tuple((key, _label(value)) for key, value in entry.pairs())


def _label(entry: Entry) -> str:
    if entry.absent:
        return ""
    if hasattr(entry.node, "value") and isinstance(entry.node.value, list):
        return ",".join(item.text() for item in entry.items())
    return entry.text()


def length(entry: Entry) -> int:
    """Minutes."""
    return understood(entry, minutes_of)


def span_filter(entry: Entry) -> Filter:
    return understood(entry, parse)


def zone(entry: Entry) -> str:
    written = entry.text()
    try:
        ZoneInfo(written)
    except (KeyError, OSError, ValueError):
        entry.fail(f"{written!r} is no time zone, such as Europe/Berlin")
    return written


def rolling(entry: Entry) -> Window:
    minutes = length(entry)
    if not MIN_WINDOW_MINUTES <= minutes <= MAX_WINDOW_MINUTES:
        entry.fail("must be from 1h to 400d")
    return RollingWindow(minutes)


def calendar(duration: Entry, start: Entry | None, time_zone: Entry | None) -> Window:
    count, unit = understood(duration, calendar_units_of)
    first = local_time(start) if start else CALENDAR_START
    window = CalendarWindow(count, unit, first, zone(time_zone) if time_zone else "UTC")
    if window.minutes > MAX_WINDOW_MINUTES:
        duration.fail("must be at most 400d")
    return window


def local_time(entry: Entry) -> datetime:
    """A wall-clock time without a zone, to the minute."""
    found = understood(entry, datetime.fromisoformat)
    if found.tzinfo is not None or found.second or found.microsecond:
        entry.fail("a local time without seconds and zone is expected: 2026-01-01 00:00:00")
    if not 1971 <= found.year <= 2200:
        entry.fail("must be from 1971 to 2200")
    return found


def exclusion(entry: Entry, also: tuple[str, ...] = ()) -> Exclusion:
    """Once from `start` to `end`, or each of `weekdays` from `from` to `to`."""
    known = ("start", "end", "weekdays", "from", "to", "time_zone", "reason", *also)
    found = entry.fields(known)
    reason = found["reason"].text() if "reason" in found else ""
    if "weekdays" in found:
        entry.fields(("weekdays", "from", "to", "time_zone", "reason", *also), ("from", "to"))
        days = tuple(WEEKDAYS.index(day.one_of(WEEKDAYS)) for day in found["weekdays"].items())
        where = zone(found["time_zone"]) if "time_zone" in found else "UTC"
        return Weekly(days, _clock(found["from"]), _clock(found["to"]), where, reason)
    entry.fields(("start", "end", "reason", *also), ("start", "end"))
    start, end = _instant(found["start"]), _instant(found["end"])
    if end <= start:
        found["end"].fail("must be after start")
    return Interval(start, end, reason)


def _clock(entry: Entry) -> time:
    found = understood(entry, time.fromisoformat)
    if found.tzinfo is not None or found.second or found.microsecond:
        entry.fail('a time of day is expected, such as "22:00"')
    return found


def _instant(entry: Entry) -> int:
    """Nanoseconds since the epoch."""
    found = understood(entry, datetime.fromisoformat)
    if found.tzinfo is None:
        entry.fail("a time with its zone is expected, such as 2026-01-01T00:00:00Z")
    return round(found.timestamp() * 1_000_000) * 1_000
