"""OTLP JSON becomes a message of the opentelemetry-proto classes (docs/decoding.md, section 6)."""

import base64
import binascii
import functools
import json
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from goldeneye.limits import MAX_JSON_DEPTH
from otlp_receiver.decoding.values import BodyRefused

_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*\Z")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_IDS: Final = frozenset({"trace_id", "span_id", "parent_span_id"})
# What an id that is no hex becomes: its item's own rules then reject it.
_WRONG_ID: Final = b"\0\1"
_ROOTS: Final = {
    "resource_spans": "/v1/traces",
    "resource_metrics": "/v1/metrics",
    "resource_logs": "/v1/logs",
}
_RANGES: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, (1 << 32) - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, (1 << 64) - 1),
    FieldDescriptor.CPPTYPE_ENUM: (-(1 << 31), (1 << 31) - 1),
}
_ANY_VALUE: Final = "opentelemetry.proto.common.v1.AnyValue"


class _Number(str):
    """A JSON number as it was written."""


class _Object(list[tuple[str, Any]]):
    """A JSON object's members in the order written, duplicates and all."""


def parse(body: bytes, message: Any, warn: Callable[[str], None]) -> None:
    """Fill `message`; warnings `snake_case` and `enum_name` at most once each.

    Raises BodyRefused.
    """
    root = _loads(body)
    if root is None:
        return
    if not isinstance(root, _Object):
        raise BodyRefused("the body must be a JSON object")
    warned: set[str] = set()
    _check_root(root, message.DESCRIPTOR)
    _Filler(warned).fill(root, message, "")
    for warning in sorted(warned):
        warn(warning)


def _loads(body: bytes) -> Any:
    _check_depth(body)
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
        root = json.loads(
            text,
            object_pairs_hook=_Object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise BodyRefused(f"the body is not UTF-8 (byte {error.start})") from None
    except ValueError as error:
        raise BodyRefused(f"the body is not JSON: {error}") from None
    return root


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number; write it as a string")


def _check_depth(body: bytes) -> None:
    depth = 0
    for token in _STRUCTURE.finditer(body):
        first = token.group()[0]
        if first in b"[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise BodyRefused(f"JSON is nested more than {MAX_JSON_DEPTH} deep")
        elif first in b"]}":
            depth -= 1


def _check_root(root: _Object, descriptor: Descriptor) -> None:
    """A request of another signal would pass as one of unknown members."""
    names = {_snake(name) for name, _ in root}
    if names & set(descriptor.fields_by_name):
        return
    for name in names & set(_ROOTS):
        raise BodyRefused(f"{name} belongs to {_ROOTS[name]}")


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda match: "_" + match.group().lower(), name)


# The descriptors' own look-ups end a name at its first NUL, and fail on half of a surrogate pair.
@functools.cache
def _fields(descriptor: Descriptor) -> dict[str, tuple[FieldDescriptor, bool]]:
    """Fields by name, and whether the name is snake_case where it should not be."""
    fields = {field.name: (field, True) for field in descriptor.fields}
    return fields | {field.camelcase_name: (field, False) for field in descriptor.fields}


@functools.cache
def _numbers(enum: EnumDescriptor) -> dict[str, int]:
    return {value.name: value.number for value in enum.values}


class _Filler:
    """Fills messages member by member."""

    def __init__(self, warned: set[str]) -> None:
        self._warned = warned

    def fill(self, members: Any, message: Any, place: str) -> None:
        if not isinstance(members, _Object):
            raise BodyRefused(f"{place}: must be an object")
        last: dict[str, tuple[FieldDescriptor, Any]] = {}
        for name, value in members:
            field = self._field(message.DESCRIPTOR, name)
            if field is not None:
                last.pop(field.name, None)
                last[field.name] = (field, value)
        # Each call more in this loop costs the deepest value hundreds of frames.
        for field, value in last.values():
            where = f"{place}.{field.name}" if place else field.name
            if value is None:
                continue
            if field.is_repeated:
                self._set_repeated(getattr(message, field.name), field, value, where)
            elif field.message_type is not None:
                self.fill(value, _child(message, field), where)
            else:
                setattr(message, field.name, self._scalar(field, value, where))

    def _field(self, descriptor: Descriptor, name: str) -> FieldDescriptor | None:
        field, is_snake = _fields(descriptor).get(name, (None, False))
        if is_snake:
            self._warned.add("snake_case")
        return field

    def _set_repeated(self, items: Any, field: FieldDescriptor, value: Any, place: str) -> None:
        if not isinstance(value, list) or isinstance(value, _Object):
            raise BodyRefused(f"{place}: must be an array")
        for index, item in enumerate(value):
            where = f"{place}[{index}]"
            if item is None:
                is_value = field.message_type is not None and (
                    field.message_type.full_name == _ANY_VALUE
                )
                if not is_value:
                    raise BodyRefused(f"{where}: null is no item")
                items.add()
            elif field.message_type is not None:
                self.fill(item, items.add(), where)
            else:
                items.append(self._scalar(field, item, where))

    def _scalar(self, field: FieldDescriptor, value: Any, place: str) -> Any:
        kind = field.cpp_type
        if kind == FieldDescriptor.CPPTYPE_BOOL:
            return _typed(value, bool, "true or false", place)
        if kind == FieldDescriptor.CPPTYPE_STRING:
            text = _string(value, place)
            return text if field.type == FieldDescriptor.TYPE_STRING else _bytes(field, text, place)
        if kind == FieldDescriptor.CPPTYPE_DOUBLE:
            return _double(value, place)
        if field.enum_type is not None and _is_name(value):
            return self._enum(field.enum_type, value, place)
        low, high = _RANGES[kind]
        number = _integer(value, place)
        if not low <= number <= high:
            raise BodyRefused(f"{place}: {number} is out of range")
        return number

    def _enum(self, enum: EnumDescriptor, name: str, place: str) -> int:
        number = _numbers(enum).get(name)
        if number is None:
            raise BodyRefused(f"{place}: {name!r} is no {enum.name}")
        self._warned.add("enum_name")
        return number


def _child(message: Any, field: FieldDescriptor) -> Any:
    if field.containing_oneof is not None:
        message.ClearField(field.containing_oneof.name)
    child = getattr(message, field.name)
    child.SetInParent()
    return child


def _typed(value: Any, kind: type, words: str, place: str) -> Any:
    if type(value) is not kind:
        raise BodyRefused(f"{place}: must be {words}")
    return value


def _string(value: Any, place: str) -> str:
    text: str = _typed(value, str, "a string", place)
    if _SURROGATE.search(text):
        raise BodyRefused(f"{place}: holds half of a surrogate pair")
    return text


def _is_name(value: Any) -> bool:
    return type(value) is str and not _NUMBER.match(value)


def _number_text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not _NUMBER.match(value):
        raise BodyRefused(f"{place}: must be a number or a string of one")
    return str(value)


def _integer(value: Any, place: str) -> int:
    text = _number_text(value, place)
    if not re.split("[eE]", text, maxsplit=1)[0].strip("-0."):
        return 0
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BodyRefused(f"{place}: {text[:40]} is out of range") from None
    if number.adjusted() > 40:
        raise BodyRefused(f"{place}: {text[:40]} is out of range")
    if number.adjusted() < 0 or number != number.to_integral_value():
        raise BodyRefused(f"{place}: {text[:40]} is no integer")
    return int(number)


def _double(value: Any, place: str) -> float:
    if type(value) is str and value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    number = float(_number_text(value, place))
    if math.isinf(number):
        raise BodyRefused(f"{place}: {value[:40]} is too large for a double")
    return number


def _bytes(field: FieldDescriptor, text: str, place: str) -> bytes:
    if field.name in _IDS:
        return bytes.fromhex(text) if _HEX.match(text) else _WRONG_ID
    padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BodyRefused(f"{place}: is no base64") from None
