"""Lengths of time as OpenSLO writes them: `5m`, `4w`, and for calendars `1M`, `1Q`, `1Y`."""

import re
from typing import Final

from alerting.slo.calendar_window import MONTHS, Unit

MINUTES: Final = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}
_LENGTH: Final = re.compile(r"(\d{1,6})([mhdwMQY])", re.ASCII)


def minutes_of(text: str) -> int:
    """Whole minutes, from 1. Raises ValueError."""
    count, unit = _parts(text)
    if unit not in MINUTES:
        raise ValueError(f"{text!r} has no fixed length; m, h, d or w are expected, such as 30d")
    return count * MINUTES[unit]


def calendar_units_of(text: str) -> tuple[int, Unit]:
    """So many units of the calendar. Raises ValueError.

    `m` is read as a month: OpenSLO's own examples write so, and no calendar has periods of minutes.
    """
    count, unit = _parts(text)
    if unit == "m":
        return count, "M"
    if unit == "h":
        raise ValueError(f"{text!r} is no period of a calendar; d, w, M, Q or Y are expected")
    return count, next(one for one in (*MONTHS, "d", "w") if one == unit)


def length_text(minutes: int) -> str:
    """The largest unit that leaves nothing over."""
    unit = next(unit for unit in ("w", "d", "h", "m") if minutes % MINUTES[unit] == 0)
    return f"{minutes // MINUTES[unit]}{unit}"


def _parts(text: str) -> tuple[int, str]:
    found = _LENGTH.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{text!r} is no length of time: a number and m, h, d, w, M, Q or Y")
    return int(found[1]), found[2]
