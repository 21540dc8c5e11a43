"""OTLP requests as protobuf bytes, written field by field: also such as no SDK would send."""

import struct
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from support import otlp_values

from goldeneye.schemas import Signal

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FORMATS: Final = {
    FieldDescriptor.TYPE_DOUBLE: "<d",
    FieldDescriptor.TYPE_FIXED64: "<Q",
    FieldDescriptor.TYPE_SFIXED64: "<q",
    FieldDescriptor.TYPE_FIXED32: "<I",
}
_NOT_UTF8: Final = (b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\xafz")


def request(rng: Random, signal: Signal, *, odd: float = 0.0) -> bytes:
    """A request; `odd` is how likely each message has unknown fields, wrong UTF-8 and the like."""
    return _Writer(rng, odd).message(otlp_values.REQUESTS[signal].DESCRIPTOR, 0)


class _Writer:
    def __init__(self, rng: Random, odd: float) -> None:
        self._rng = rng
        self._odd = odd

    def message(self, descriptor: Descriptor, depth: int) -> bytes:
        if descriptor.name == "HistogramDataPoint" and self._rng.random() < 0.7:
            return self._fields(descriptor, depth, {"bucket_counts", "explicit_bounds"}) + (
                _buckets(self._rng)
            )
        return self._fields(descriptor, depth, set())

    def _fields(self, descriptor: Descriptor, depth: int, without: set[str]) -> bytes:
        chosen = [
            field
            for field in descriptor.fields
            if field.name not in without and self._is_chosen(field)
        ]
        parts = [
            self._field(field, depth)
            for field in chosen
            for _ in range(otlp_values.count(self._rng, field, depth=depth))
        ]
        if self._happens():
            parts.append(self._unknown())
        if self._happens() and chosen:
            parts.append(self._field(self._rng.choice(chosen), depth))
        if self._happens():
            self._rng.shuffle(parts)
        return b"".join(parts)

    def _is_chosen(self, field: FieldDescriptor) -> bool:
        """One member of a oneof, mostly."""
        oneof = field.containing_oneof
        if oneof is None or len(oneof.fields) == 1:
            return True
        return self._rng.randrange(len(oneof.fields)) == 0 or self._happens()

    def _happens(self) -> bool:
        return self._odd > 0 and self._rng.random() < self._odd

    def _field(self, field: FieldDescriptor, depth: int) -> bytes:
        if field.message_type is not None:
            if depth > 25:
                return b""
            inner = self.message(field.message_type, depth + 1)
            return tag(field.number, _BYTES) + varint(len(inner)) + inner
        if self._happens() and field.type == FieldDescriptor.TYPE_STRING:
            return sized(field.number, self._rng.choice(_NOT_UTF8))
        value = otlp_values.scalar(self._rng, field)
        return scalar(field, value, packed=field.is_repeated and self._rng.random() < 0.5)

    def _unknown(self) -> bytes:
        number = self._rng.choice((4, 6, 8, 99, 1000, 2**29 - 1))
        group = tag(number, 3) + tag(7, _VARINT) + varint(1) + tag(number, 4)
        return self._rng.choice((group, tag(99, _FIXED32) + b"abcd", sized(1000, b"\xff\xff")))


def _buckets(rng: Random) -> bytes:
    bounds = sorted({rng.choice((-1.0, 0.0, 0.5, 2.5, 10.0)) for _ in range(rng.randrange(4))})
    counts = [rng.randrange(5) for _ in range(len(bounds) + 1)]
    return sized(6, struct.pack(f"<{len(counts)}Q", *counts)) + (
        sized(7, struct.pack(f"<{len(bounds)}d", *bounds)) if bounds else b""
    )


def scalar(field: FieldDescriptor, value: Any, *, packed: bool = False) -> bytes:
    """A field of a number, string or bytes."""
    if isinstance(value, str):
        return sized(field.number, value.encode())
    if isinstance(value, bytes):
        return sized(field.number, value)
    layout = _FORMATS.get(field.type)
    if layout is not None:
        payload, kind = struct.pack(layout, value), _FIXED64
        kind = _FIXED32 if len(payload) == 4 else _FIXED64
    else:
        if field.type == FieldDescriptor.TYPE_SINT32:
            value = (value << 1) ^ (value >> 31)
        payload, kind = varint(value & (2**64 - 1)), _VARINT
    return sized(field.number, payload) if packed else tag(field.number, kind) + payload


def sized(number: int, payload: bytes) -> bytes:
    return tag(number, _BYTES) + varint(len(payload)) + payload


def tag(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def mutated(rng: Random, body: bytes) -> bytes:
    """The body with a few bytes changed, left out, doubled or cut off."""
    out = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 5))):
        if not out:
            break
        at = rng.randrange(len(out))
        action = rng.randrange(5)
        if action == 0:
            out[at] = rng.randrange(256)
        elif action == 1:
            out[at] ^= 1 << rng.randrange(8)
        elif action == 2:
            del out[at : at + rng.choice((1, 2, 20))]
        elif action == 3:
            out[at:at] = out[at : at + rng.choice((1, 5, 50))]
        else:
            del out[at:]
    return bytes(out)


def items(signal: Signal, body: bytes) -> int:
    """The spans, log records or data points of a request."""
    request = otlp_values.REQUESTS[signal].FromString(body)
    outer = getattr(request, f"resource_{'spans' if signal == 'traces' else signal}")
    inner = [
        item
        for envelope in outer
        for scoped in getattr(envelope, f"scope_{'spans' if signal == 'traces' else signal}")
        for item in getattr(scoped, _ITEMS[signal])
    ]
    if signal != "metrics":
        return len(inner)
    return sum(len(_data_points(metric)) for metric in inner)


_ITEMS: Final = {"traces": "spans", "metrics": "metrics", "logs": "log_records"}


def _data_points(metric: Any) -> Any:
    kind = metric.WhichOneof("data")
    return getattr(metric, kind).data_points if kind else ()


def nested_log(depth: int) -> bytes:
    """A request of one log record whose body nests this many arrays."""
    heads: list[bytes] = []
    size_bytes = 0

    def wrap(number: int) -> None:
        nonlocal size_bytes
        heads.append(tag(number, _BYTES) + varint(size_bytes))
        size_bytes += len(heads[-1])

    for level in range(depth):
        if level:
            wrap(1)  # an element of the array around it
        wrap(5)
    for number in (5, 2, 2, 1):
        wrap(number)
    return b"".join(reversed(heads))
