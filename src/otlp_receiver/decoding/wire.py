"""The protobuf wire, walked strictly: what the generated classes let pass or cannot read."""

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from goldeneye.limits import MAX_VALUE_DEPTH
from otlp_receiver.decoding.values import BodyRefused, Map, TooDeep, Value, unique

VARINT, FIXED64, BYTES, START_GROUP, END_GROUP, FIXED32 = range(6)
_WIRE_TYPES: Final = {
    FieldDescriptor.TYPE_DOUBLE: FIXED64,
    FieldDescriptor.TYPE_FIXED64: FIXED64,
    FieldDescriptor.TYPE_SFIXED64: FIXED64,
    FieldDescriptor.TYPE_FIXED32: FIXED32,
    FieldDescriptor.TYPE_SFIXED32: FIXED32,
    FieldDescriptor.TYPE_FLOAT: FIXED32,
    FieldDescriptor.TYPE_STRING: BYTES,
    FieldDescriptor.TYPE_BYTES: BYTES,
    FieldDescriptor.TYPE_MESSAGE: BYTES,
}
_FIXED_BYTES: Final = {FIXED64: 8, FIXED32: 4}
_MAX_TAG: Final = (1 << 32) - 1


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A varint cut to 64 bits, and where it ends."""
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
        if shift == 70:
            raise BodyRefused("a varint is longer than 10 bytes")
    raise BodyRefused("cut off within a varint")


def fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(field number, wire type, start, end) of each field's payload; groups are skipped over."""
    while at < end:
        number, kind, at = _tag(data, at, end)
        start = at
        if kind == START_GROUP:
            at = _skip_group(data, at, end, number)
            continue
        if kind == END_GROUP:
            raise BodyRefused("a group ends that did not begin")
        start, at = _payload(data, at, end, kind)
        yield number, kind, start, at


def _tag(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    tag, at = varint(data, at, end)
    if tag > _MAX_TAG:
        raise BodyRefused("a tag is over 32 bits")
    number, kind = tag >> 3, tag & 7
    if number == 0:
        raise BodyRefused("a field has number 0")
    if kind > FIXED32:
        raise BodyRefused(f"field {number} has wire type {kind}")
    return number, kind, at


def _payload(data: bytes, at: int, end: int, kind: int) -> tuple[int, int]:
    """Where the field's payload begins and ends."""
    if kind == VARINT:
        return at, varint(data, at, end)[1]
    if kind == BYTES:
        length, at = varint(data, at, end)
    else:
        length = _FIXED_BYTES[kind]
    if length > end - at:
        raise BodyRefused("a length exceeds what remains")
    return at, at + length


def _skip_group(data: bytes, at: int, end: int, number: int) -> int:
    """Where the group ends; groups inside it are kept on a list, not on the stack."""
    open_groups = [number]
    while open_groups:
        if at >= end:
            raise BodyRefused("a group does not end")
        number, kind, at = _tag(data, at, end)
        if kind == START_GROUP:
            open_groups.append(number)
        elif kind == END_GROUP:
            if open_groups.pop() != number:
                raise BodyRefused("a group ends with another number")
        else:
            _, at = _payload(data, at, end, kind)
    return at


def check(body: bytes, descriptor: Descriptor) -> None:
    """Raise BodyRefused where the body breaks a rule of docs/decoding.md, section 1."""
    waiting: list[tuple[int, int, Descriptor, str]] = [(0, len(body), descriptor, "")]
    while waiting:
        start, end, message, path = waiting.pop()
        known = message.fields_by_number
        try:
            for number, kind, at, stop in fields(body, start, end):
                field = known.get(number)
                if field is None:
                    continue
                place = f"{path}.{field.name}" if path else field.name
                _check_kind(body, field, kind, at, stop)
                if field.message_type is not None:
                    waiting.append((at, stop, field.message_type, _shortened(place)))
        except BodyRefused as error:
            raise BodyRefused(f"{path}: {error}" if path else str(error)) from None


def known(body: bytes, descriptor: Descriptor) -> bytes:
    """The message without unknown fields: classes refuse groups that nest a hundred deep."""
    parts = []
    for number, kind, at, stop in fields(body, 0, len(body)):
        field = descriptor.fields_by_number.get(number)
        if field is None:
            continue
        payload = body[at:stop]
        if field.message_type is not None:
            payload = known(payload, field.message_type)
        length = _varint_bytes(len(payload)) if kind == BYTES else b""
        parts += [_varint_bytes(number << 3 | kind), length, payload]
    return b"".join(parts)


def _varint_bytes(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _shortened(place: str) -> str:
    """Deep values name only where they begin."""
    return place if len(place) < 200 else place[:197] + "…"


def _check_kind(body: bytes, field: FieldDescriptor, kind: int, at: int, stop: int) -> None:
    expected = _WIRE_TYPES.get(field.type, VARINT)
    if kind == expected:
        return
    if not (field.is_repeated and kind == BYTES and expected != BYTES):
        raise BodyRefused(
            f"{field.name} has wire type {kind}, not {expected}: is it another signal's?"
        )
    if expected == VARINT:
        while at < stop:
            _, at = varint(body, at, stop)
    elif (stop - at) % _FIXED_BYTES[expected]:
        raise BodyRefused(f"{field.name} is cut off")


class WireReader:
    """Reads messages of `exact.py`: strings are bytes, and AnyValues lists of bytes."""

    def __init__(self, warn: Any) -> None:
        self._warn = warn

    def text(self, field: bytes) -> str:
        try:
            return field.decode("utf-8")
        except UnicodeDecodeError:
            self._warn("invalid_utf8")
            return field.decode("utf-8", "replace")

    def has_body(self, record: Any) -> bool:
        return len(record.body) > 0

    def attributes(self, pairs: Any) -> dict[str, Value]:
        return unique(self._pairs(pairs))

    def _pairs(self, pairs: Any) -> Iterator[tuple[str, Value]]:
        for pair in pairs:
            if pair.key_strindex:
                self._warn("string_index")
            yield self.text(pair.key), self.value(pair.value)

    def value(self, occurrences: Any, depth: int = 0) -> Value:
        """A message that occurs again is merged, and merging is concatenation."""
        return self._any_value(b"".join(occurrences), depth)

    def _any_value(self, data: bytes, depth: int) -> Value:
        case, payload, number_of = 0, b"", 0
        for number, kind, at, stop in fields(data, 0, len(data)):
            if number not in _ANY_VALUE:
                continue
            again = case == number and number in (5, 6)
            payload = payload + data[at:stop] if again else data[at:stop]
            case = number
            number_of = varint(data, at, stop)[0] if kind == VARINT else 0
        if case == 8:
            if _signed(number_of, 32):
                self._warn("string_index")
            return None
        return (
            _SCALARS[case](self, payload, number_of)
            if case in _SCALARS
            else (self._container(case, payload, depth))
        )

    def _container(self, case: int, payload: bytes, depth: int) -> Value:
        if case == 0:
            return None
        if depth == MAX_VALUE_DEPTH:
            raise TooDeep
        items = [payload[at:stop] for n, _, at, stop in fields(payload, 0, len(payload)) if n == 1]
        if case == 5:
            return [self._any_value(item, depth + 1) for item in items]
        return Map(unique(self._key_value(item, depth + 1) for item in items))

    def _key_value(self, data: bytes, depth: int) -> tuple[str, Value]:
        key, values, index = b"", [], 0
        for number, kind, at, stop in fields(data, 0, len(data)):
            if number == 1:
                key = data[at:stop]
            elif number == 2:
                values.append(data[at:stop])
            elif number == 3 and kind == VARINT:
                index = varint(data, at, stop)[0]
        if _signed(index, 32):
            self._warn("string_index")
        return self.text(key), self.value(values, depth)


_ANY_VALUE: Final = frozenset(range(1, 9))
_SCALARS: Final[dict[int, Callable[[WireReader, bytes, int], Value]]] = {
    1: lambda reader, payload, _: reader.text(payload),
    2: lambda _, __, number: number != 0,
    3: lambda _, __, number: _signed(number, 64),
    4: lambda _, payload, __: struct.unpack("<d", payload)[0],
    7: lambda _, payload, __: payload,
}


def _signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number
