"""How many items a body has at most, told without decoding it (as native/src/items.rs does)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from goldeneye.schemas import Encoding, Signal

# Field numbers that lead from the request to the items; of a metric, to its points.
_PATHS: Final[Mapping[Signal, Sequence[frozenset[int]]]] = {
    "traces": tuple(map(frozenset, ([1], [2], [2]))),
    "logs": tuple(map(frozenset, ([1], [2], [2]))),
    "metrics": tuple(map(frozenset, ([1], [2], [2], [5, 7, 9, 10, 11], [1]))),
}
# How deep an item's object is in JSON: `{"…":[{"…":[{"…":[{`, and in it `"gauge":{"…":[{`.
_DEPTHS: Final[Mapping[Signal, int]] = {"traces": 7, "logs": 7, "metrics": 10}
_STRING_OR_BRACKET: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?|[][{}]', re.DOTALL)
# Tags beyond a varint's ten bytes cannot be read.
_MAX_VARINT_BYTES: Final = 10
_MASK: Final = (1 << 64) - 1
_FIXED_BYTES: Final = {1: 8, 5: 4}


def count(signal: Signal, encoding: Encoding, body: bytes) -> int:
    """No fewer than decoding would find."""
    if encoding == "json":
        return _objects(body, _DEPTHS[signal])
    return _fields(body, 0, len(body), _PATHS[signal])


def _fields(body: bytes, at: int, end: int, path: Sequence[frozenset[int]]) -> int:
    """Those of the message between `at` and `end`, as far as it can be read."""
    found = 0
    while at < end:
        tag, at = _varint(body, at, end)
        size_bytes = _FIXED_BYTES.get(tag & 7, 0)
        if tag & 7 in (0, 2):
            value, at = _varint(body, at, end)
            size_bytes = value if tag & 7 else 0
        if at + size_bytes > end:
            break
        if tag & 7 == 2 and tag >> 3 in path[0]:
            found += _fields(body, at, at + size_bytes, path[1:]) if path[1:] else 1
        at += size_bytes
    return found


def _varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    """The number, and where it ends: behind the message where it cannot be read."""
    value = 0
    for shift, byte in enumerate(body[at : min(end, at + _MAX_VARINT_BYTES)]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value & _MASK, at + shift + 1
    return 0, end + 1


def _objects(body: bytes, item_depth: int) -> int:
    found = depth = 0
    for match in _STRING_OR_BRACKET.finditer(body):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
            found += token == b"{" and depth == item_depth
        elif token in (b"}", b"]"):
            depth = max(depth - 1, 0)
    return found
