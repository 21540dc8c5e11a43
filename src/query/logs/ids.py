"""Ids as clients write them."""

import re
from typing import Final, Literal

from goldeneye.errors import InvalidRequest

_LENGTHS: Final = {"trace_id": 32, "span_id": 16}
_HEX: Final = re.compile(r"[0-9a-f]+")


def checked_id(name: Literal["trace_id", "span_id"], written: str) -> str:
    """The id as the tables have it; raises InvalidRequest where it cannot be one."""
    found, length = written.strip().lower(), _LENGTHS[name]
    if len(found) != length or not _HEX.fullmatch(found):
        raise InvalidRequest(f"{name}: {written[:80]!r} is not {length} hexadecimal digits")
    return found
