"""The identity of a series, and its 64-bit id (docs/decoding.md, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import xxhash

from otlp_receiver.decoding.canonical_json import encode, encode_object
from otlp_receiver.decoding.values import Value

_LOW_64 = (1 << 64) - 1


def sorted_json(attributes: Mapping[str, Value]) -> bytes:
    """All attributes, keys in the order of their UTF-8 bytes."""
    ordered = sorted(attributes.items(), key=lambda item: item[0].encode())
    return encode_object(dict(ordered)).encode()


def digest(*parts: bytes) -> bytes:
    return bytes(xxhash.xxh3_128_digest(b"".join(parts)))


def strings_json(*strings: str) -> bytes:
    return encode(list(strings)).encode()


def identity(resource: bytes, scope: bytes, metric: bytes, attributes: Mapping[str, Value]) -> int:
    """128 bits: the id is the low half, the check the high one."""
    hashed = digest(resource, scope, metric, sorted_json(attributes))
    return int.from_bytes(hashed, "big")


@dataclass
class SeriesIds:
    """The ids of a group's identities: where two share the low half, the later gets another."""

    _ids: dict[int, int] = field(default_factory=dict)  # identity -> id
    _owners: dict[int, int] = field(default_factory=dict)  # id -> identity

    def of(self, found: int) -> int:
        if found not in self._ids:
            series_id = found & _LOW_64
            if self._owners.setdefault(series_id, found) != found:
                again = digest(found.to_bytes(16, "big"), b"\x01")
                series_id = int.from_bytes(again, "big") & _LOW_64
            self._ids[found] = series_id
        return self._ids[found]
