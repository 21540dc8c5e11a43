"""OTLP requests in which every field is set, made from the descriptors: a new field is in them."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from support.any_values import pair
from support.otlp_values import REQUESTS

from goldeneye.schemas import Signal
from otlp_receiver.decoding.values import Value

# Of the profiles signal alone; docs/decoding.md says that they are not kept.
STRING_INDEXES: Final = frozenset({"key_strindex", "string_value_strindex"})

_NOON_NS: Final = 20_000 * 86_400_000_000_000 + 43_200_000_000_000
_BYTES: Final = {"trace_id": 16, "span_id": 8, "parent_span_id": 8, "bytes_value": 3}
_MAX_VALUE_DEPTH: Final = 2
# Attributes with columns of their own, and one whose value is not of its column's type.
_RESOURCE: Final[dict[str, Value]] = {
    "service.name": "shop",
    "host.name": "one",
    "process.pid": "a word",
}
_ITEM: Final[dict[str, Value]] = {
    "http.route": "/cart",
    "http.response.status_code": 200,
    "http.request.method": 5,
}


def full(signal: Signal) -> Any:
    """Each member of each oneof is in some item; values are told apart where their type can."""
    request = REQUESTS[signal]()
    _Filler().fill(request, 0)
    return request


def paths_set(message: Any, prefix: str = "", around: tuple[str, ...] = ()) -> Iterator[str]:
    """The paths of fields that are set, as in `otlp_fields.paths`."""
    around = (*around, message.DESCRIPTOR.full_name)
    for field, value in message.ListFields():
        yield prefix + field.name
        if field.message_type is not None and field.message_type.full_name not in around:
            for child in value if field.is_repeated else [value]:
                yield from paths_set(child, f"{prefix}{field.name}.", around)


class _Filler:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def fill(self, message: Any, index: int, depth: int = 0) -> None:
        """`index` chooses the member of each oneof; `depth` counts AnyValues."""
        for field in message.DESCRIPTOR.fields:
            if field.name in STRING_INDEXES or not _is_chosen(field, index):
                continue
            if field.message_type is None:
                self._fill_scalar(message, field)
            elif field.is_repeated:
                self._fill_items(getattr(message, field.name), field.message_type, depth)
            else:
                child = getattr(message, field.name)
                child.SetInParent()
                self.fill(child, index, depth + (child.DESCRIPTOR.name == "AnyValue"))
        _complete(message)

    def _fill_items(self, items: Any, descriptor: Descriptor, depth: int) -> None:
        if depth > _MAX_VALUE_DEPTH:
            return
        for index in range(max(2, _variants(descriptor))):
            self.fill(items.add(), index, depth + (descriptor.name == "AnyValue"))

    def _fill_scalar(self, message: Any, field: FieldDescriptor) -> None:
        if field.is_repeated:
            times = 2 if field.name == "explicit_bounds" else 3
            values = [self._scalar(field) for _ in range(times)]
            getattr(message, field.name).extend(values)
        else:
            setattr(message, field.name, self._scalar(field))

    def _scalar(self, field: FieldDescriptor) -> Any:
        number = next(self._numbers)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return number.to_bytes(_BYTES[field.name], "big")
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            return f"{field.name} {number}"
        if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
            return number / 2**24 if field.name == "quantile" else number + 0.5
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            return True
        if field.enum_type is not None:
            return 1 + number % (len(field.enum_type.values) - 1)
        if field.name == "scale":
            return 1 + number % 20
        if field.name == "flags":
            return number << 1  # the lowest bit says of a point that it has no value
        return number + _NOON_NS if field.name.endswith("time_unix_nano") else number


def _variants(descriptor: Descriptor) -> int:
    """How many items it takes to have each member of each oneof."""
    members = [len(_members(oneof.fields)) for oneof in descriptor.oneofs]
    inner = [
        _variants(field.message_type)
        for field in descriptor.fields
        if field.message_type is not None
        and not field.is_repeated
        and field.containing_oneof is None
    ]
    return max([1, *members, *inner])


def _members(fields: Sequence[FieldDescriptor]) -> list[str]:
    return [field.name for field in fields if field.name not in STRING_INDEXES]


def _is_chosen(field: FieldDescriptor, index: int) -> bool:
    if field.containing_oneof is None:
        return True
    members = _members(field.containing_oneof.fields)
    return members[index % len(members)] == field.name


def _complete(message: Any) -> None:
    """What an item needs beyond its fields' own sense."""
    name = message.DESCRIPTOR.name
    if name == "HistogramDataPoint":
        message.count = sum(message.bucket_counts)
    is_item = name in ("Span", "LogRecord") or name.endswith("DataPoint")
    for key, value in (_RESOURCE if name == "Resource" else _ITEM if is_item else {}).items():
        message.attributes.add().MergeFromString(pair(key, value))
