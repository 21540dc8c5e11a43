"""Every field of an OTLP request by its path, and requests that have just that one set."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from support.otlp_values import REQUESTS

from goldeneye.schemas import Signal

DAY_NS: Final = 86_400_000_000_000
# What makes an item valid, so that it becomes a row.
_MINIMUM: Final[dict[str, dict[str, Any]]] = {
    "Span": {"trace_id": b"\x01" * 16, "span_id": b"\x02" * 8},
    "Link": {"trace_id": b"\x03" * 16, "span_id": b"\x04" * 8},
    "NumberDataPoint": {"time_unix_nano": DAY_NS, "as_int": 1},
    "HistogramDataPoint": {
        "time_unix_nano": DAY_NS,
        "count": 3,
        "bucket_counts": [1, 2],
        "explicit_bounds": [0.5],
    },
    "ExponentialHistogramDataPoint": {"time_unix_nano": DAY_NS},
    "SummaryDataPoint": {"time_unix_nano": DAY_NS},
    "Exemplar": {"as_int": 1},
    "Sum": {"aggregation_temporality": 1},
    "Histogram": {"aggregation_temporality": 1},
    "ExponentialHistogram": {"aggregation_temporality": 1},
}
# The path to the item of each signal, and on to its point.
_ITEM: Final[dict[Signal, str]] = {
    "traces": "resource_spans.scope_spans.spans",
    "metrics": "resource_metrics.scope_metrics.metrics",
    "logs": "resource_logs.scope_logs.log_records",
}
_SAMPLES: Final[dict[int, list[Any]]] = {
    FieldDescriptor.CPPTYPE_STRING: ["text"],
    FieldDescriptor.CPPTYPE_DOUBLE: [0.25],
    FieldDescriptor.CPPTYPE_BOOL: [True],
    FieldDescriptor.CPPTYPE_ENUM: [2],
}
_INTEGERS: Final = [6]


@cache
def paths(signal: Signal) -> dict[str, FieldDescriptor]:
    """Each field; a message that is within itself is not entered again."""
    return dict(_walk(REQUESTS[signal].DESCRIPTOR, "", frozenset()))


def _walk(
    descriptor: Descriptor, prefix: str, around: frozenset[str]
) -> Iterator[tuple[str, FieldDescriptor]]:
    around |= {descriptor.full_name}
    for field in descriptor.fields:
        path = prefix + field.name
        yield path, field
        if field.message_type is not None and field.message_type.full_name not in around:
            yield from _walk(field.message_type, path + ".", around)


def pairs(signal: Signal, path: str) -> Iterator[tuple[bytes, bytes]]:
    """Requests that differ in the one field alone: without it (or the minimum), and with it."""
    field = paths(signal)[path]
    for sample in _samples(field):
        with_it = _request(signal, path)
        owner = _enter(with_it, path.split(".")[:-1])
        _set(owner, field, sample)
        without = type(with_it).FromString(with_it.SerializeToString())
        owner = _enter(without, path.split(".")[:-1])
        owner.ClearField(field.name)
        _fill(owner)
        yield without.SerializeToString(), with_it.SerializeToString()


def _request(signal: Signal, path: str) -> Any:
    request = REQUESTS[signal]()
    metric = _enter(request, _ITEM[signal].split("."))
    if signal == "metrics" and not _within(metric, path):
        _enter(metric, ["gauge", "data_points"])
    elif signal == "metrics":
        _enter(metric, [path.split(".")[3], "data_points"])
    return request


def _within(metric: Any, path: str) -> bool:
    parts = path.split(".")
    data = metric.DESCRIPTOR.oneofs_by_name["data"].fields
    return len(parts) > 3 and parts[3] in {field.name for field in data}


def _enter(message: Any, parts: list[str]) -> Any:
    """Go down to what is there, or make it."""
    for name in parts:
        child = getattr(message, name)
        if message.DESCRIPTOR.fields_by_name[name].is_repeated:
            message = child[0] if len(child) else child.add()
        else:
            message = child
            message.SetInParent()
        _fill(message)
    return message


def _fill(message: Any) -> None:
    """Set what the item cannot do without, where nothing is."""
    for name, value in _MINIMUM.get(message.DESCRIPTOR.name, {}).items():
        field = message.DESCRIPTOR.fields_by_name[name]
        oneof = field.containing_oneof
        if oneof is not None and message.WhichOneof(oneof.name):
            continue
        if not getattr(message, name):
            _set(message, field, value)


def _samples(field: FieldDescriptor) -> list[Any]:
    if field.message_type is not None:
        return [None]
    if field.name.endswith("time_unix_nano"):
        return [DAY_NS + 7, 2**64 - 1]
    if field.type == FieldDescriptor.TYPE_BYTES:
        return [b"\x0f" * (16 if field.name == "trace_id" else 8)]
    samples = _SAMPLES.get(field.cpp_type, _INTEGERS)
    if field.name == "bucket_counts":
        return [samples * 2]
    return [samples] if field.is_repeated else samples


def _set(message: Any, field: FieldDescriptor, value: Any) -> None:
    if field.message_type is not None:
        found = getattr(message, field.name)
        if field.is_repeated and len(found):
            return
        child = found.add() if field.is_repeated else found
        child.SetInParent()
        _fill(child)
    elif field.is_repeated:
        del getattr(message, field.name)[:]
        getattr(message, field.name).extend(value)
    else:
        setattr(message, field.name, value)
