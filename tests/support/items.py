"""Requests of a few items, written as the fields that matter; the rest is as it should be."""

import json
import time
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

# Neither late nor in the future.
NOW_NS: Final = time.time_ns()
TRACE_ID: Final = bytes.fromhex("5b8efff798038103d269b633813fc60c")
SPAN_ID: Final = bytes.fromhex("eee19b7ec3c1b174")
HEX_IDS: Final = {"traceId": TRACE_ID.hex(), "spanId": SPAN_ID.hex()}
DELTA: Final = 1
CUMULATIVE: Final = 2


def span(**fields: Any) -> dict[str, Any]:
    usual = {
        "trace_id": TRACE_ID,
        "span_id": SPAN_ID,
        "name": "span",
        "start_time_unix_nano": NOW_NS - 1_000_000,
        "end_time_unix_nano": NOW_NS,
    }
    return usual | fields


def traces(*spans: dict[str, Any], scope: Any = None, resource: Any = None, **more: Any) -> bytes:
    """One resource and scope; `more` are fields of ScopeSpans."""
    scope_spans = {"scope": scope, "spans": list(spans), **more}
    return ExportTraceServiceRequest(
        resource_spans=[{"resource": resource, "scope_spans": [scope_spans]}]
    ).SerializeToString()


def one_span(**fields: Any) -> bytes:
    return traces(span(**fields))


def logs(*records: dict[str, Any], resource: Any = None, scope: Any = None) -> bytes:
    usual = {"time_unix_nano": NOW_NS}
    scope_logs = {"scope": scope, "log_records": [usual | record for record in records]}
    return ExportLogsServiceRequest(
        resource_logs=[{"resource": resource, "scope_logs": [scope_logs]}]
    ).SerializeToString()


def metrics(*found: dict[str, Any], resource: Any = None, scope: Any = None) -> bytes:
    return ExportMetricsServiceRequest(
        resource_metrics=[
            {"resource": resource, "scope_metrics": [{"scope": scope, "metrics": list(found)}]}
        ]
    ).SerializeToString()


def point(**fields: Any) -> dict[str, Any]:
    return {"time_unix_nano": NOW_NS, "start_time_unix_nano": NOW_NS - 10**9} | fields


def gauge(*points: dict[str, Any], name: str = "gauge", **fields: Any) -> dict[str, Any]:
    return {"name": name, "gauge": {"data_points": list(points)}, **fields}


def total(
    *points: dict[str, Any], temporality: int = CUMULATIVE, monotonic: bool = True, **fields: Any
) -> dict[str, Any]:
    data = {
        "data_points": list(points),
        "aggregation_temporality": temporality,
        "is_monotonic": monotonic,
    }
    return {"name": "sum", "sum": data, **fields}


def histogram(*points: dict[str, Any], temporality: int = DELTA, **fields: Any) -> dict[str, Any]:
    data = {"data_points": list(points), "aggregation_temporality": temporality}
    return {"name": "histogram", "histogram": data, **fields}


def exponential(*points: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data = {"data_points": list(points), "aggregation_temporality": DELTA}
    return {"name": "exponential", "exponential_histogram": data, **fields}


def summary(*points: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "summary", "summary": {"data_points": list(points)}, **fields}


def attribute(key: str, **value: Any) -> dict[str, Any]:
    """A KeyValue: `attribute("k", int_value=1)`; without a value it is the empty one."""
    return {"key": key, "value": value}


def json_traces(*spans: dict[str, Any], **resource_spans: Any) -> bytes:
    found = {"scopeSpans": [{"spans": list(spans)}], **resource_spans}
    return json.dumps({"resourceSpans": [found]}).encode()


def json_span(**members: Any) -> bytes:
    """A request of one span, in OTLP JSON."""
    usual = {**HEX_IDS, "name": "json", "startTimeUnixNano": str(NOW_NS)}
    return json_traces({**usual, "endTimeUnixNano": str(NOW_NS), **members})


def json_points(kind: str, *points: dict[str, Any], **data: Any) -> bytes:
    """A request of one metric, in OTLP JSON."""
    found = [{"timeUnixNano": str(NOW_NS), **one} for one in points]
    metric = {"name": "json", kind: {"dataPoints": found, **data}}
    return json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()


def json_logs(*records: dict[str, Any]) -> bytes:
    found = [{"timeUnixNano": str(NOW_NS), **record} for record in records]
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": found}]}]}).encode()
