"""Values for OTLP fields, mostly sensible and often at an edge."""

import math
from random import Random
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from goldeneye.schemas import Signal

REQUESTS: Final[dict[Signal, Any]] = {
    "traces": ExportTraceServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "logs": ExportLogsServiceRequest,
}
ANY_VALUE: Final = "opentelemetry.proto.common.v1.AnyValue"

_DAY_NS: Final = 86_400_000_000_000
_NOON_NS: Final = 20_000 * _DAY_NS + _DAY_NS // 2
_TIMES: Final = (0, 1, _NOON_NS, _NOON_NS + 5, _NOON_NS + _DAY_NS, 2**63 - 1, 2**63, 2**64 - 1)
_KEYS: Final = (
    "service.name",
    "http.route",
    "http.response.status_code",
    "db.system.name",
    "host.name",
    "a",
    "b",
    "",
    "$bytes",
    "$map",
    'é"\\\n',
)
_TEXTS: Final = ("", "a", "shop", "GET /", 'q"\\\b\f\n\r\t\x00\x1f\x7f', "é\u2028😀\ufffd\ufeff")
_DOUBLES: Final = (
    0.0,
    -0.0,
    1.0,
    0.5,
    -1.5,
    1e15,
    1e16,
    1e-4,
    1e-5,
    5e-324,
    1.7976931348623157e308,
)
_ODD_DOUBLES: Final = (math.nan, math.inf, -math.inf)
_SIGNED: Final = {32: (0, 1, 2, 3, -1, 2**31 - 1, -(2**31)), 64: (0, 1, -1, 2**63 - 1, -(2**63))}
_UNSIGNED: Final = {32: (0, 0, 1, 7, 2**32 - 1), 64: (0, 1, 2, 2**53 + 1, 2**64 - 1)}
_ID_BYTES: Final = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}


def count(rng: Random, field: FieldDescriptor, *, depth: int) -> int:
    """How often a field occurs."""
    if not field.is_repeated:
        return int(rng.random() < 0.75)
    if depth > 12 or rng.random() < 0.25:
        return 0
    return rng.choice((1, 1, 2, 3))


def scalar(rng: Random, field: FieldDescriptor) -> Any:
    """A value as the Python classes take it."""
    kind = field.cpp_type
    if field.name.endswith("time_unix_nano"):
        return rng.choice(_TIMES[2:5]) if rng.random() < 0.7 else rng.choice(_TIMES)
    if field.name in _ID_BYTES:
        return _id(rng, _ID_BYTES[field.name])
    if field.name == "aggregation_temporality":
        return rng.choice((0, 1, 1, 2, 2, 2, 3))
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if kind == FieldDescriptor.CPPTYPE_STRING:
        if field.type == FieldDescriptor.TYPE_BYTES:
            return rng.randbytes(rng.choice((0, 1, 2, 3, 10)))
        return _text(rng, field.name == "key")
    if kind == FieldDescriptor.CPPTYPE_DOUBLE:
        return _double(rng)
    return _integer(rng, field)


def _id(rng: Random, size: int) -> bytes:
    odd = rng.random()
    if odd < 0.8:
        return rng.choice((b"\x01", b"\xab", b"\x0f")) * size
    return rng.choice((b"", bytes(size), bytes(size + 1), b"\x01" * (size - 1), b"\x01" * 40))


def _text(rng: Random, is_key: bool) -> str:
    if is_key or rng.random() < 0.1:
        return rng.choice(_KEYS)
    if rng.random() < 0.7:
        return rng.choice(_TEXTS)
    return "".join(chr(rng.choice((rng.randrange(0x80), rng.randrange(0x800)))) for _ in range(9))


def _double(rng: Random) -> float:
    odd = rng.random()
    if odd < 0.1:
        return rng.choice(_ODD_DOUBLES)
    if odd < 0.6:
        return rng.choice(_DOUBLES)
    return rng.uniform(-1, 1) * 10.0 ** rng.randrange(-320, 308)


def _integer(rng: Random, field: FieldDescriptor) -> int:
    bits = 64 if field.cpp_type in _LONG else 32
    is_unsigned = field.cpp_type in _UNSIGNED_TYPES
    if rng.random() < 0.7:
        return rng.randrange(4)
    return rng.choice(_UNSIGNED[bits] if is_unsigned else _SIGNED[bits])


_LONG: Final = frozenset({FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64})
_UNSIGNED_TYPES: Final = frozenset({FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64})
