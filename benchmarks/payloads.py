"""OTLP requests as busy services send them, each distinct: what the benchmarks decode and send."""

import base64
import gzip
import random
from typing import Any, Final

import orjson
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from goldeneye.schemas import Encoding, Signal

START_NS: Final = 1_767_225_600_000_000_000
_ROUTES: Final = [f"/api/v1/items/{number}" for number in range(40)]
_MESSAGES: Final = ("order accepted", "cache miss for item", "retrying the payment in 250 ms")


def body(signal: Signal, encoding: Encoding, items: int, seed: int, offset_ns: int = 0) -> bytes:
    """One request of so many spans, log records or data points, `offset_ns` after START_NS."""
    request = _REQUESTS[signal](random.Random(seed), items, START_NS + offset_ns)
    if encoding == "protobuf":
        return bytes(request.SerializeToString())
    return orjson.dumps(_with_hex_ids(MessageToDict(request, use_integers_for_enums=True)))


def compressed(body: bytes, encoding: str) -> bytes:
    """The body as `grpc-encoding` or `content-encoding` names it."""
    return gzip.compress(body, 1, mtime=0) if encoding == "gzip" else body


def attribute(pair: KeyValue, key: str, value: str | int | float | bool) -> None:
    pair.key = key
    kind = {str: "string", int: "int", float: "double", bool: "bool"}[type(value)]
    setattr(pair.value, f"{kind}_value", value)


def _resource(resource: Resource, rng: random.Random) -> None:
    name = f"service-{rng.randrange(12)}"
    for key, value in {
        "service.name": name,
        "service.version": "1.4.2",
        "service.instance.id": f"{name}-{rng.randrange(3)}",
        "deployment.environment.name": "production",
        "host.name": f"node-{rng.randrange(8)}",
        "telemetry.sdk.language": "python",
    }.items():
        attribute(resource.attributes.add(), key, value)


def _spans(rng: random.Random, items: int, start_ns: int) -> Any:
    request = ExportTraceServiceRequest()
    envelope = request.resource_spans.add()
    _resource(envelope.resource, rng)
    scoped = envelope.scope_spans.add()
    scoped.scope.name = "opentelemetry.instrumentation.fastapi"
    for number in range(items):
        span: Any = scoped.spans.add()
        if number % 8 == 0:
            trace_id, parent = rng.randbytes(16), b""
        span.trace_id, span.span_id, span.parent_span_id = trace_id, rng.randbytes(8), parent
        parent = span.span_id
        route = rng.choice(_ROUTES)
        span.name, span.kind = f"GET {route}", 2 + number % 2
        span.start_time_unix_nano = start_ns + number * 1_000_000 + rng.randrange(10**6)
        span.end_time_unix_nano = span.start_time_unix_nano + int(rng.lognormvariate(15, 1))
        for key, value in _span_attributes(rng, route).items():
            attribute(span.attributes.add(), key, value)
    return request


def _span_attributes(rng: random.Random, route: str) -> dict[str, str | int | float | bool]:
    return {
        "http.request.method": "GET",
        "http.route": route,
        "http.response.status_code": 200 if rng.random() < 0.98 else 500,
        "url.path": f"{route}/{rng.randrange(10**5)}",
        "url.scheme": "https",
        "server.address": "shop.internal",
        "server.port": 8080,
        "client.address": f"10.0.{rng.randrange(256)}.{rng.randrange(256)}",
        "shop.cart.size": rng.randrange(20),
        "shop.customer": f"customer-{rng.randrange(10**4)}",
    }


def _logs(rng: random.Random, items: int, start_ns: int) -> Any:
    request = ExportLogsServiceRequest()
    envelope = request.resource_logs.add()
    _resource(envelope.resource, rng)
    scoped = envelope.scope_logs.add()
    scoped.scope.name = "shop.checkout"
    for number in range(items):
        record: Any = scoped.log_records.add()
        record.time_unix_nano = start_ns + number * 1_000_000 + rng.randrange(10**6)
        record.observed_time_unix_nano = record.time_unix_nano + 1_000
        record.severity_number, record.severity_text = (9, "INFO") if number % 9 else (17, "ERROR")
        record.body.string_value = f"{rng.choice(_MESSAGES)} {rng.randrange(10**6)}"
        record.trace_id, record.span_id, record.flags = rng.randbytes(16), rng.randbytes(8), 1
        for key, value in _log_attributes(rng).items():
            attribute(record.attributes.add(), key, value)
    return request


def _log_attributes(rng: random.Random) -> dict[str, str | int | float | bool]:
    return {
        "code.function.name": "shop.checkout.place_order",
        "code.line.number": rng.randrange(400),
        "shop.customer": f"customer-{rng.randrange(10**4)}",
        "thread.name": "worker-1",
    }


def _metrics(rng: random.Random, items: int, start_ns: int) -> Any:
    """Three points of four are a counter's; the fourth is a histogram's."""
    request = ExportMetricsServiceRequest()
    envelope = request.resource_metrics.add()
    _resource(envelope.resource, rng)
    scoped = envelope.scope_metrics.add()
    scoped.scope.name = "opentelemetry.instrumentation.fastapi"
    counter: Any = scoped.metrics.add()
    histogram: Any = scoped.metrics.add()
    counter.name, counter.unit = "http.server.requests", "{request}"
    counter.sum.aggregation_temporality, counter.sum.is_monotonic = 2, True
    histogram.name, histogram.unit = "http.server.request.duration", "s"
    histogram.histogram.aggregation_temporality = 2
    for number in range(items):
        point: Any = (histogram.histogram if number % 4 == 0 else counter.sum).data_points.add()
        if number % 4 == 0:
            _fill_buckets(point, rng)
        else:
            point.as_int = rng.randrange(10**6)
        point.start_time_unix_nano, point.time_unix_nano = start_ns, start_ns + 10**10
        attribute(point.attributes.add(), "http.request.method", "GET")
        attribute(point.attributes.add(), "http.route", rng.choice(_ROUTES))
        attribute(point.attributes.add(), "http.response.status_code", 200 + number % 5)
    return request


def _fill_buckets(point: Any, rng: random.Random) -> None:
    bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    counts = [rng.randrange(1000) for _ in range(len(bounds) + 1)]
    point.explicit_bounds.extend(bounds)
    point.bucket_counts.extend(counts)
    point.count, point.sum = sum(counts), rng.uniform(0, 1000)


_REQUESTS: Final = {"traces": _spans, "metrics": _metrics, "logs": _logs}


def _with_hex_ids(value: Any) -> Any:
    """OTLP writes ids in hex where protobuf's JSON has base64."""
    if isinstance(value, list):
        return [_with_hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(item).hex()
        if key in ("traceId", "spanId", "parentSpanId")
        else _with_hex_ids(item)
        for key, item in value.items()
    }
