"""OTLP requests as JSON text: in all the ways in which a value may be written, and some others."""

import base64
import json
import math
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from support import otlp_values

from goldeneye.schemas import Signal

_IDS: Final = frozenset({"trace_id", "span_id", "parent_span_id"})
_LONG: Final = frozenset({FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64})
_WRONG: Final[tuple[Any, ...]] = (
    "x",
    -1,
    1.5,
    True,
    None,
    [],
    {},
    [None],
    2**70,
    "1e400",
    "\ud800",
    "=",
    "zz",
)


def request(rng: Random, signal: Signal, *, odd: float = 0.0) -> bytes:
    """A request; `odd` is how likely a member is written in a way that no SDK would choose."""
    members = _Writer(rng, odd).message(otlp_values.REQUESTS[signal].DESCRIPTOR, 0)
    layout: dict[str, Any] = {"indent": 1} if rng.random() < odd else {"separators": (",", ":")}
    text = json.dumps(members, ensure_ascii=rng.random() < 0.5, **layout)
    return text.encode("utf-8", "surrogatepass")


class _Writer:
    def __init__(self, rng: Random, odd: float) -> None:
        self._rng = rng
        self._odd = odd

    def message(self, descriptor: Descriptor, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for field in descriptor.fields:
            if self._is_left_out(field):
                continue
            times = otlp_values.count(self._rng, field, depth=depth)
            if times or self._happens():
                members[self._name(field)] = self._member(field, times, depth)
        if self._happens():
            members[self._rng.choice(("", "unknown", "traceID"))] = self._rng.choice(_WRONG[3:8])
        return members

    def _is_left_out(self, field: FieldDescriptor) -> bool:
        oneof = field.containing_oneof
        if oneof is None or len(oneof.fields) == 1:
            return False
        return self._rng.randrange(len(oneof.fields)) > 0 and not self._happens()

    def _happens(self, factor: float = 1.0) -> bool:
        return self._odd > 0 and self._rng.random() < self._odd * factor

    def _name(self, field: FieldDescriptor) -> str:
        return field.name if self._happens() else field.json_name

    def _member(self, field: FieldDescriptor, times: int, depth: int) -> Any:
        if self._happens(0.02):
            return self._rng.choice(_WRONG)
        if self._happens():
            return None
        if field.is_repeated:
            return [self._one(field, depth) for _ in range(times)]
        return self._one(field, depth)

    def _one(self, field: FieldDescriptor, depth: int) -> Any:
        if field.message_type is None:
            return self._written(field, otlp_values.scalar(self._rng, field))
        is_value = field.message_type.full_name == otlp_values.ANY_VALUE
        if is_value and field.is_repeated and self._happens():
            return None
        return {} if depth > 25 else self.message(field.message_type, depth + 1)

    def _written(self, field: FieldDescriptor, value: Any) -> Any:
        if isinstance(value, bytes):
            return self._bytes(field, value)
        if isinstance(value, float):
            return _double(value) if not self._happens() else _double_text(value)
        if field.enum_type is not None and value in field.enum_type.values_by_number:
            if self._happens():
                return field.enum_type.values_by_number[value].name
        elif type(value) is int and field.cpp_type in _LONG:
            return value if self._happens() else str(value)
        if type(value) is int and self._happens():
            return self._rng.choice((f"{value}.0", f"{value}e0", float(value % 2**50)))
        return value

    def _bytes(self, field: FieldDescriptor, value: bytes) -> str:
        if field.name in _IDS:
            return value.hex().upper() if self._happens() else value.hex()
        text = base64.b64encode(value).decode()
        if self._happens():
            text = text.rstrip("=").replace("+", "-").replace("/", "_")
        return text


def _double(value: float) -> Any:
    return value if math.isfinite(value) else _double_text(value)


def _double_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def of(message: Any) -> dict[str, Any]:
    """A message as OTLP JSON has it."""
    members: dict[str, Any] = {}
    for field, value in message.ListFields():
        items = [_of(field, item) for item in (value if field.is_repeated else [value])]
        members[field.json_name] = items if field.is_repeated else items[0]
    return members


def _of(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None:
        return of(value)
    if isinstance(value, bytes):
        return value.hex() if field.name in _IDS else base64.b64encode(value).decode()
    if isinstance(value, float):
        return _double(value)
    return str(value) if field.cpp_type in _LONG else value
