"""Durations as Prometheus writes them: `1h30m`, `5m`, `250ms`, `0`."""

import re
from typing import Final

MILLISECOND_NS: Final = 1_000_000
SECOND_NS: Final = 1_000 * MILLISECOND_NS
MINUTE_NS: Final = 60 * SECOND_NS
HOUR_NS: Final = 60 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS
_UNITS_NS: Final = {
    "y": 365 * DAY_NS,
    "w": 7 * DAY_NS,
    "d": DAY_NS,
    "h": HOUR_NS,
    "m": MINUTE_NS,
    "s": SECOND_NS,
    "ms": MILLISECOND_NS,
}
_DURATION: Final = re.compile(
    r"0|" + "".join(rf"(?:([0-9]+){unit})?" for unit in _UNITS_NS), re.ASCII
)
_LONGEST_NS: Final = (1 << 63) - 1


def duration_ns(text: str) -> int:
    """Nanoseconds. Raises ValueError, which says what is expected."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        raise ValueError(f"{text!r} is no duration, such as 30s, 5m or 1h30m")
    total = sum(int(n) * u for n, u in zip(found.groups(), _UNITS_NS.values(), strict=True) if n)
    if total > _LONGEST_NS:
        raise ValueError(f"{text!r} is too long a duration")
    return total


def duration_text(duration: int) -> str:
    """The shortest way to write so many nanoseconds; what is below a millisecond is left out."""
    milliseconds = duration // MILLISECOND_NS
    if milliseconds == 0:
        return "0s"
    parts = list[str]()
    for unit, unit_ns in _UNITS_NS.items():
        size = unit_ns // MILLISECOND_NS
        # Years and weeks only where nothing is left over, as Prometheus does.
        if unit in "yw" and milliseconds % size:
            continue
        count, milliseconds = divmod(milliseconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
