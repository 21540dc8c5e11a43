"""Go's time.Time and time.Duration, as far as templates use them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerting.templates.values import Function, Record

_SECOND_NS: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _offset(time: datetime, colon: str, *, z: bool = False) -> str:
    seconds = int((time.utcoffset() or timedelta()).total_seconds())
    if z and seconds == 0:
        return "Z"
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{abs(seconds) // 3600:02d}{colon}{abs(seconds) // 60 % 60:02d}"


_LAYOUT: Final[dict[str, Callable[[datetime], str]]] = {
    "January": lambda t: t.strftime("%B"),
    "Jan": lambda t: t.strftime("%b"),
    "Monday": lambda t: t.strftime("%A"),
    "Mon": lambda t: t.strftime("%a"),
    "MST": lambda t: t.tzname() or "",
    "2006": lambda t: f"{t.year:04d}",
    "002": lambda t: f"{t.timetuple().tm_yday:03d}",
    "01": lambda t: f"{t.month:02d}",
    "02": lambda t: f"{t.day:02d}",
    "03": lambda t: f"{(t.hour - 1) % 12 + 1:02d}",
    "04": lambda t: f"{t.minute:02d}",
    "05": lambda t: f"{t.second:02d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "15": lambda t: f"{t.hour:02d}",
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "-07:00": lambda t: _offset(t, ":"),
    "-0700": lambda t: _offset(t, ""),
    "-07": lambda t: _offset(t, "")[:3],
    "Z07:00": lambda t: _offset(t, ":", z=True),
    "Z0700": lambda t: _offset(t, "", z=True),
    "_2": lambda t: f"{t.day:2d}",
    "1": lambda t: str(t.month),
    "2": lambda t: str(t.day),
    "3": lambda t: str((t.hour - 1) % 12 + 1),
    "4": lambda t: str(t.minute),
    "5": lambda t: str(t.second),
}
_CHUNK: Final = re.compile(
    r"[.,](?:0+|9+)(?![0-9])|" + "|".join(map(re.escape, sorted(_LAYOUT, key=len, reverse=True)))
)


@dataclass(frozen=True, order=True)
class Duration(Record):
    """A length of time in nanoseconds."""

    ns: int
    METHODS: ClassVar = {
        name: name.lower() for name in ("Seconds", "Minutes", "Hours", "Milliseconds", "String")
    }

    @property
    def seconds(self) -> Function:
        return Function(lambda: self.ns / 1e9)

    @property
    def minutes(self) -> Function:
        return Function(lambda: self.ns / 60e9)

    @property
    def hours(self) -> Function:
        return Function(lambda: self.ns / 3600e9)

    @property
    def milliseconds(self) -> Function:
        return Function(lambda: self.ns // 1_000_000)

    @property
    def string(self) -> Function:
        return Function(self.__str__)

    def __str__(self) -> str:
        if abs(self.ns) < _SECOND_NS:
            return _below_a_second(self.ns)
        sign, rest = "-" if self.ns < 0 else "", abs(self.ns)
        hours, rest = divmod(rest, 3_600 * _SECOND_NS)
        minutes, rest = divmod(rest, 60 * _SECOND_NS)
        seconds = f"{_decimal(rest, 9)}s"
        if hours:
            return f"{sign}{hours}h{minutes}m{seconds}"
        return f"{sign}{minutes}m{seconds}" if minutes else f"{sign}{seconds}"


def _decimal(count: int, places: int) -> str:
    whole, fraction = divmod(count, 10**places)
    digits = f"{fraction:0{places}d}".rstrip("0") if places else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _below_a_second(ns: int) -> str:
    if ns == 0:
        return "0s"
    sign, size = "-" if ns < 0 else "", abs(ns)
    places, unit = (0, "ns") if size < 1_000 else (3, "µs") if size < 1_000_000 else (6, "ms")
    return f"{sign}{_decimal(size, places)}{unit}"


@dataclass(frozen=True)
class Time(Record):
    """An instant in nanoseconds since the epoch; None is Go's zero time, the year 1."""

    ns: int | None
    zone: tzinfo = UTC
    METHODS: ClassVar = {
        "Format": "formatted_as",
        "UTC": "in_utc",
        "Local": "in_local",
        "Unix": "unix",
        "IsZero": "is_zero",
        "String": "string",
        "Sub": "since",
    }

    @property
    def moment(self) -> datetime:
        """To the second, in its zone."""
        if self.ns is None:
            return datetime(1, 1, 1, tzinfo=UTC)
        try:
            return (_EPOCH + timedelta(seconds=self.ns // _SECOND_NS)).astimezone(self.zone)
        except OverflowError as error:
            raise ValueError("time out of range") from error

    @property
    def nanoseconds(self) -> int:
        return 0 if self.ns is None else self.ns % _SECOND_NS

    @property
    def formatted_as(self) -> Function:
        return Function(self.format, (str,))

    @property
    def in_utc(self) -> Function:
        return Function(lambda: Time(self.ns, UTC))

    @property
    def in_local(self) -> Function:
        return Function(lambda: self.within("Local"))

    @property
    def unix(self) -> Function:
        return Function(lambda: -62135596800 if self.ns is None else self.ns // _SECOND_NS)

    @property
    def is_zero(self) -> Function:
        return Function(lambda: self.ns is None)

    @property
    def string(self) -> Function:
        return Function(self.__str__)

    @property
    def since(self) -> Function:
        return Function(lambda other: Duration((self.ns or 0) - (other.ns or 0)), (Time,))

    def format(self, layout: str) -> str:
        """By Go's layout, in which the example is Monday, 2 January 2006, 15:04:05 MST."""
        moment = self.moment

        def chunk(found: re.Match[str]) -> str:
            text = found[0]
            if text[0] not in ".,":
                return _LAYOUT[text](moment)
            digits = f"{self.nanoseconds:09d}"[: len(text) - 1]
            digits = digits.rstrip("0") if text[1] == "9" else digits
            return text[0] + digits if digits else ""

        return _CHUNK.sub(chunk, layout)

    def within(self, zone: str) -> "Time":
        """In another zone of the IANA database. Raises ValueError."""
        if zone == "Local":
            local = self.moment.astimezone().tzinfo
            return Time(self.ns, local or UTC)
        try:
            return Time(self.ns, ZoneInfo(zone) if zone else UTC)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {zone}") from error

    def __str__(self) -> str:
        return self.format("2006-01-02 15:04:05.999999999 -0700 MST")
