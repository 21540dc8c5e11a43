"""Times as clients write them: RFC 3339, Unix seconds, or relative to now."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from goldeneye.durations import UNITS_S
from goldeneye.errors import InvalidRequest

_NS: Final = 1_000_000_000
_RELATIVE: Final = re.compile(r"now(?:([+-])(\d{1,9})(ms|[smhdw]))?", re.ASCII)
_RFC_3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_SECONDS: Final = re.compile(r"-?\d{1,11}(?:\.\d{1,20})?", re.ASCII)
# 1900 and 2150: 64 bits hold the differences, and what questions look at before and after.
MIN_NS: Final = -2_208_988_800 * _NS
MAX_NS: Final = 5_680_281_600 * _NS


def parse_time(text: str | int | float, now_ns: int) -> int:
    """Nanoseconds since the Unix epoch, UTC.

    Takes `2026-01-01T00:00:00.123456789Z` (any offset), `1767225600.5` (seconds), `now`, `now-1h`
    (units ms, s, m, h, d, w), from 1900 to 2150. Raises InvalidRequest.
    """
    written = str(text).strip()
    time_ns = _relative(written, now_ns)
    if time_ns is None:
        time_ns = _rfc_3339(written)
    if time_ns is None:
        time_ns = _unix_seconds(written)
    if time_ns is None or not MIN_NS <= time_ns <= MAX_NS:
        raise InvalidRequest(
            f"{written[:100]!r} is not a time: write RFC 3339 (2026-01-01T00:00:00Z), "
            "Unix seconds, or relative to now (now-1h), from 1900 to 2150"
        )
    return time_ns


def _relative(text: str, now_ns: int) -> int | None:
    match = _RELATIVE.fullmatch(text)
    if match is None:
        return None
    sign, number, unit = match.groups()
    if sign is None:
        return now_ns
    span_ns = int(number) * (_NS // 1000 if unit == "ms" else UNITS_S[unit] * _NS)
    return now_ns - span_ns if sign == "-" else now_ns + span_ns


def _rfc_3339(text: str) -> int | None:
    match = _RFC_3339.fullmatch(text)
    if match is None:
        return None
    day, time, fraction, offset = match.groups()
    try:
        # A zone of upper-case Z, whatever was written.
        instant = datetime.fromisoformat(f"{day}T{time}{offset.upper().replace('Z', '+00:00')}")
    except ValueError:
        return None
    seconds = instant - datetime(1970, 1, 1, tzinfo=UTC)
    whole_s = seconds.days * 86_400 + seconds.seconds
    return whole_s * _NS + int((fraction or "").ljust(9, "0"))


def _unix_seconds(text: str) -> int | None:
    return int(Decimal(text) * _NS) if _SECONDS.fullmatch(text) else None
