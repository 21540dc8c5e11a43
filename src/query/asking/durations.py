"""Durations of spans as clients write them: `300ms`, `1.5s`, `250us`, or nanoseconds."""

import re
from decimal import Decimal
from typing import Final

from goldeneye.errors import InvalidRequest

UNITS_NS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_DURATION: Final = re.compile(r"(\d{1,19}(?:\.\d{1,19})?)\s*([a-zµ]*)")
_MAX_NS: Final = 2**63 - 1


def parse_duration_ns(text: str, name: str) -> int:
    """Nanoseconds; raises InvalidRequest, which names the parameter."""
    found = _DURATION.fullmatch(text.strip().replace("μ", "µ"))
    unit = UNITS_NS.get(found[2] or "ns") if found else None
    if found is None or unit is None or (duration_ns := int(Decimal(found[1]) * unit)) > _MAX_NS:
        raise InvalidRequest(
            f"{name}: {text[:100]!r} is no duration: write 300ms (ns, us, ms, s, m, h or d)"
        )
    return duration_ns
