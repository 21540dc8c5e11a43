"""Prometheus's marker that a series has ended: one NaN among the many."""

import struct
from typing import Final

STALE_BITS: Final = 0x7FF0000000000002
_DOUBLE: Final = struct.Struct("<d")
_BITS: Final = struct.Struct("<Q")
STALE: Final[float] = _DOUBLE.unpack(_BITS.pack(STALE_BITS))[0]


def is_stale(value: float) -> bool:
    # Only NaN is unequal to itself, and so most values are not packed.
    return value != value and _BITS.unpack(_DOUBLE.pack(value))[0] == STALE_BITS
