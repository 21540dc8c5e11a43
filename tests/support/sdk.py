"""Telemetry of every signal from the OpenTelemetry Python SDK, and what SQL must say of it."""

import json
from typing import Any

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode
from support.server import GoldeneyeProcess

START_NS = 1_767_225_600_123_456_789
ATTRIBUTES: dict[str, Any] = {
    "http.route": "/checkout/{id}",
    "http.response.status_code": 502,
    "text": 'ein Schlüssel ☃ "quoted" \\ \n',
    "empty": "",
    "integer": 9_007_199_254_740_993,
    "negative": -1,
    "double": 0.1,
    "whole": 3.0,
    "true": True,
    "false": False,
    "strings": ["a", "", "b"],
    "numbers": [1, 2, 3],
    "doubles": [1.0, 2.5],
    "flags": [True, False],
}
BODIES: list[Any] = ["plain text", {"a": 1, "b": [1.5, "x", {"deep": True}]}, 42, 4.0, True]
RESOURCE = {"service.name": "sdk-client", "service.version": "1.2.3", "process.pid": 4711}
_LINKED = SpanContext(0xABCDEF, 0x123, is_remote=True)


def exporters(protocol: str, endpoint: str) -> tuple[Any, Any, Any]:
    """For spans, logs and metrics; HTTP with gzip."""
    if protocol == "grpc":
        secure = endpoint.startswith("https://")
        url = endpoint if secure else f"http://{endpoint}"
        grpc: dict[str, Any] = {"endpoint": url, "insecure": not secure}
        return GrpcSpans(**grpc), GrpcLogs(**grpc), GrpcMetrics(**grpc)
    http = {"compression": Compression.Gzip}
    return (
        HttpSpans(endpoint=f"{endpoint}/v1/traces", **http),
        HttpLogs(endpoint=f"{endpoint}/v1/logs", **http),
        HttpMetrics(endpoint=f"{endpoint}/v1/metrics", **http),
    )


def send(protocol: str, endpoint: str) -> None:
    """One trace of two spans, a log record for each of BODIES, and every kind of instrument."""
    resource = Resource(RESOURCE)
    spans, logs, metrics = exporters(protocol, endpoint)
    inside = _send_spans(resource, spans)
    _send_logs(resource, logs, inside)
    _send_metrics(resource, metrics)


def _send_spans(resource: Resource, exporter: Any) -> Context:
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("acceptance", "0.1", schema_url="https://example.com/schema")
    root = tracer.start_span(
        "checkout",
        kind=SpanKind.SERVER,
        attributes=ATTRIBUTES,
        links=[Link(_LINKED, {"why": "retry"})],
        start_time=START_NS,
    )
    inside = trace.set_span_in_context(root)
    child = tracer.start_span("charge", inside, SpanKind.CLIENT, start_time=START_NS + 1)
    child.add_event("declined", {"code": 51}, timestamp=START_NS + 2)
    child.set_status(StatusCode.ERROR, "card declined")
    child.end(START_NS + 3)
    root.end(START_NS + 1_000_000_007)
    provider.shutdown()
    return inside


def _send_logs(resource: Resource, exporter: Any, inside: Context) -> None:
    provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = provider.get_logger("acceptance", "0.1")
    for number, body in enumerate(BODIES):
        logger.emit(
            timestamp=START_NS + number,
            observed_timestamp=START_NS + 10,
            context=inside,
            severity_number=SeverityNumber.WARN2,
            severity_text="WARNING",
            body=body,
            attributes=ATTRIBUTES,
            event_name="acceptance.event",
        )
    provider.shutdown()


def _send_metrics(resource: Resource, exporter: Any) -> None:
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    exponential = View(
        instrument_name="latency.exponential",
        aggregation=ExponentialBucketHistogramAggregation(),
    )
    provider = MeterProvider(
        [reader], resource=resource, views=[exponential], shutdown_on_exit=False
    )
    meter = provider.get_meter("acceptance", "0.1")
    meter.create_counter("orders", "{order}", "placed").add(3, ATTRIBUTES)
    meter.create_up_down_counter("carts").add(-2)
    meter.create_gauge("temperature", "Cel").set(21.5)
    for value in (0.25, 2.0, 40.0):
        meter.create_histogram("latency", "s").record(value)
        meter.create_histogram("latency.exponential", "s").record(value)
    provider.shutdown()


def check(server: GoldeneyeProcess) -> None:
    """What was sent is read back by SQL and is equal, value and type."""
    _check_spans(server)
    _check_logs(server)
    _check_metrics(server)


def _equal(found: str, sent: dict[str, Any]) -> None:
    """Equal as JSON, and 3.0 is no 3, true is no 1."""
    assert {key: repr(value) for key, value in json.loads(found).items()} == {
        key: repr(value) for key, value in sent.items()
    }


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _check_spans(server: GoldeneyeProcess) -> None:
    root, child = server.sql(
        "SELECT *, CAST(attributes AS VARCHAR) AS all_attributes, "
        "CAST(resource_attributes AS VARCHAR) AS all_resource FROM spans ORDER BY start_time"
    )
    _equal(root["all_attributes"], ATTRIBUTES)
    _equal(root["all_resource"], RESOURCE)
    assert root["service_name"] == "sdk-client"
    assert (root["name"], root["kind"], root["status_code"]) == ("checkout", "server", "unset")
    assert root["start_time"] == "2026-01-01T00:00:00.123456789Z"
    assert root["duration_ns"] == 1_000_000_007
    assert root["attributes.http.route"] == "/checkout/{id}"
    assert root["attributes.http.response.status_code"] == 502
    assert root["parent_span_id"] is None
    assert root["scope_name"] == "acceptance"
    assert root["scope_schema_url"] == "https://example.com/schema"
    assert root["links"][0]["trace_id"] == f"{0xABCDEF:032x}"
    _equal(_json(root["links"][0]["attributes"]), {"why": "retry"})
    assert child["parent_span_id"] == root["span_id"]
    assert child["trace_id"] == root["trace_id"]
    assert (child["status_code"], child["status_message"]) == ("error", "card declined")
    assert child["events"][0]["name"] == "declined"
    _equal(_json(child["events"][0]["attributes"]), {"code": 51})


def _check_logs(server: GoldeneyeProcess) -> None:
    rows = server.sql(
        "SELECT l.*, CAST(l.attributes AS VARCHAR) AS all_attributes, s.name AS span_name "
        "FROM logs l JOIN spans s USING (trace_id, span_id) ORDER BY l.time"
    )
    assert [repr(json.loads(row["body"])) for row in rows] == [repr(body) for body in BODIES]
    for row in rows:
        _equal(row["all_attributes"], ATTRIBUTES)
        assert (row["severity_number"], row["severity_text"]) == (14, "WARNING")
        assert row["event_name"] == "acceptance.event"
        assert row["span_name"] == "checkout"
    assert rows[0]["body_text"] == "plain text"


def _check_metrics(server: GoldeneyeProcess) -> None:
    rows = {
        row["name"]: row
        for row in server.sql(
            "SELECT *, CAST(attributes AS VARCHAR) AS all_attributes FROM metrics"
        )
    }
    assert set(rows) == {"orders", "carts", "temperature", "latency", "latency.exponential"}
    orders = rows["orders"]
    _equal(orders["all_attributes"], ATTRIBUTES)
    assert (orders["type"], orders["temporality"], orders["is_monotonic"]) == (
        "sum",
        "cumulative",
        True,
    )
    assert (orders["value"], orders["value_int"], orders["unit"]) == (3.0, 3, "{order}")
    assert (rows["carts"]["value_int"], rows["carts"]["is_monotonic"]) == (-2, False)
    assert (rows["temperature"]["value"], rows["temperature"]["value_int"]) == (21.5, None)
    assert rows["temperature"]["type"] == "gauge"
    latency = rows["latency"]
    assert (latency["count"], latency["sum"], latency["min"], latency["max"]) == (
        3,
        42.25,
        0.25,
        40.0,
    )
    assert sum(latency["bucket_counts"]) == 3
    assert len(latency["bucket_counts"]) == len(latency["explicit_bounds"]) + 1
    exponential = rows["latency.exponential"]
    assert exponential["type"] == "exponential_histogram"
    assert (exponential["count"], exponential["sum"]) == (3, 42.25)
    assert sum(exponential["positive_bucket_counts"]) == 3
    assert exponential["scale"] is not None
