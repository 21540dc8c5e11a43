"""Durations as Prometheus prints them."""

from typing import Final

# Years and weeks are told only where nothing remains.
_UNITS_MS: Final = (
    ("y", 31_536_000_000, True),
    ("w", 604_800_000, True),
    ("d", 86_400_000, False),
    ("h", 3_600_000, False),
    ("m", 60_000, False),
    ("s", 1_000, False),
    ("ms", 1, False),
)


def duration_text(duration_ms: int) -> str:
    """`1h30m`, `2w`, `0s`, `-5m`."""
    if duration_ms < 0:
        return f"-{duration_text(-duration_ms)}"
    parts, rest = [], duration_ms
    for unit, size_ms, whole_only in _UNITS_MS:
        if rest >= size_ms and not (whole_only and rest % size_ms):
            count, rest = divmod(rest, size_ms)
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
