"""Small OTLP requests, and how many items they hold."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from support import otlp_wire

from goldeneye.schemas import Signal

TIME_NS: Final = 1_767_225_600_000_000_000
RESPONSES: Final = {
    "traces": ExportTraceServiceResponse,
    "metrics": ExportMetricsServiceResponse,
    "logs": ExportLogsServiceResponse,
}
ONE_SPAN_JSON: Final = json.dumps(
    {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {"spans": [{"traceId": "5b" * 16, "spanId": "ee" * 8, "name": "json"}]}
                ]
            }
        ]
    }
).encode()


def spans(good: int, short_trace_ids: int = 0) -> bytes:
    """Spans that are kept, then spans that are not."""
    request = ExportTraceServiceRequest()
    found = request.resource_spans.add().scope_spans.add().spans
    for number in range(1, good + short_trace_ids + 1):
        size_bytes = 16 if number <= good else 15
        span = found.add(name=f"span-{number}", trace_id=number.to_bytes(size_bytes, "big"))
        span.span_id = number.to_bytes(8, "big")
        span.start_time_unix_nano = span.end_time_unix_nano = TIME_NS
    return request.SerializeToString()


def points(good: int, without_time: int = 0) -> bytes:
    """Gauge points that are kept, then points that are not."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="gauge")
    for number in range(good + without_time):
        time_ns = TIME_NS if number < good else 0
        metric.gauge.data_points.add(time_unix_nano=time_ns, as_int=number)
    return request.SerializeToString()


def records(good: int) -> bytes:
    """Log records; none is ever rejected."""
    request = ExportLogsServiceRequest()
    found = request.resource_logs.add().scope_logs.add().log_records
    for number in range(good):
        found.add(time_unix_nano=TIME_NS).body.string_value = f"record {number}"
    return request.SerializeToString()


BODIES: Final[Mapping[Signal, Callable[[int], bytes]]] = {
    "traces": spans,
    "metrics": points,
    "logs": records,
}


def sized(size_bytes: int, body: bytes | None = None) -> bytes:
    """A request of one span and exactly this many bytes: an unknown field fills it up."""
    body = spans(1) if body is None else body
    for tag_bytes, length_bytes in ((2, 1), (2, 2), (2, 3), (2, 4)):
        padding = size_bytes - len(body) - tag_bytes - length_bytes
        filler = otlp_wire.tag(99, 2) + otlp_wire.varint(padding) + b"x" * padding
        if len(body) + len(filler) == size_bytes:
            return body + filler
    raise AssertionError(f"no request has {size_bytes} bytes")
