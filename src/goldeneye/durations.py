"""Durations as people write them: `30d`, `90m`, `2y`."""

import re
from typing import Final

# As Prometheus counts: a year is 365 days.
UNITS_S: Final = {
    "s": 1,
    "m": 60,
    "h": 3_600,
    "d": 86_400,
    "w": 7 * 86_400,
    "y": 365 * 86_400,
}
_DURATION: Final = re.compile(r"(\d{1,6})([smhdwy])", re.ASCII)


def duration_ns(text: str) -> int:
    """A whole number and its unit, in nanoseconds. ValueError says what is expected."""
    found = _DURATION.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{text!r} is no duration: a number and s, m, h, d, w or y, such as 30d")
    return int(found[1]) * UNITS_S[found[2]] * 1_000_000_000
