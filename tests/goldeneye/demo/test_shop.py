"""The shop's telemetry, as a receiver that is not ours sees it."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from goldeneye.demo import shop
from goldeneye.demo.calls import services
from goldeneye.demo.journey import Visitor
from goldeneye.errors import ConfigurationError, GoldeneyeError

_REQUESTS = {
    "TraceService": ExportTraceServiceRequest,
    "LogsService": ExportLogsServiceRequest,
    "MetricsService": ExportMetricsServiceRequest,
}


class Recorder(grpc.GenericRpcHandler):
    """Answers every Export with success, unless `refuses`, and keeps what it got."""

    def __init__(self) -> None:
        self.requests: list[object] = []
        self.refuses = False

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        request = _REQUESTS[details.method.split("/")[1].split(".")[-1]]

        def export(body: bytes, context: grpc.ServicerContext) -> bytes:
            self.requests.append(request.FromString(body))
            if self.refuses:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "refused")
            return b""

        return grpc.unary_unary_rpc_method_handler(export)

    def spans(self) -> list[tuple[str, Span]]:
        """Each span with its service."""
        return [
            (resource.resource.attributes[i].value.string_value, span)
            for request in self.requests
            if isinstance(request, ExportTraceServiceRequest)
            for resource in request.resource_spans
            for i, attribute in enumerate(resource.resource.attributes)
            if attribute.key == "service.name"
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    handler = Recorder()
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers([handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    yield handler
    server.stop(None).wait()


def test_once_sends_whole_traces_of_every_service(recorder: Recorder) -> None:
    summary = shop.run(once=True, rate=1.0, seed=7)

    spans = recorder.spans()
    assert {service for service, _ in spans} == set(services())
    ids = {(span.trace_id, span.span_id) for _, span in spans}
    assert len(ids) == len(spans)
    assert all(
        (span.trace_id, span.parent_span_id) in ids for _, span in spans if span.parent_span_id
    )
    roots = Counter(span.trace_id for _, span in spans if not span.parent_span_id)
    assert set(roots.values()) == {1}
    assert len(roots) == summary.traces == shop.ONCE_TRACES
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for _, span in spans)


def test_a_seed_repeats_the_same_shop(recorder: Recorder) -> None:
    def names() -> list[tuple[str, str, int]]:
        recorder.requests.clear()
        shop.run(once=True, rate=1.0, seed=7)
        return sorted(
            (service, span.name, span.end_time_unix_nano - span.start_time_unix_nano)
            for service, span in recorder.spans()
        )

    assert names() == names()


@pytest.mark.parametrize("seed", [7, 30])
def test_some_payments_fail_and_say_so(recorder: Recorder, seed: int) -> None:
    shop.run(once=True, rate=1.0, seed=seed)

    failed = [(service, span) for service, span in recorder.spans() if span.status.code == 2]
    assert ("payment", "POST") in {(service, span.name) for service, span in failed}
    assert any(service == "frontend" for service, _ in failed)
    assert any(event.name == "exception" for _, span in failed for event in span.events)


def test_logs_carry_their_trace_and_metrics_are_there(recorder: Recorder) -> None:
    shop.run(once=True, rate=1.0, seed=7)

    traces = {span.trace_id for _, span in recorder.spans()}
    logs = [
        record
        for request in recorder.requests
        if isinstance(request, ExportLogsServiceRequest)
        for resource in request.resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    ]
    assert logs
    assert {record.trace_id for record in logs} <= traces
    metrics = {
        metric.name: metric.WhichOneof("data")
        for request in recorder.requests
        if isinstance(request, ExportMetricsServiceRequest)
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert metrics == {
        "http.server.request.duration": "histogram",
        "db.client.operation.duration": "exponential_histogram",
        "shop.orders": "sum",
        "shop.cart.items": "sum",
    }


@pytest.mark.parametrize("refuses", [False, True])
def test_who_stops_it_does_not_wait_for_what_fails(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    """One try a signal, not one a signal and service."""
    recorder.refuses = refuses
    visit, visits = shop._visit, count(1)

    def visit_and_stop(visitor: Visitor, start_ns: int) -> None:
        visit(visitor, start_ns)
        if next(visits) == 20:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(shop, "_visit", visit_and_stop)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        summary = shop.run(once=False, rate=500.0)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert summary.traces == 20
    assert (len(recorder.requests) == 3) is refuses
    assert ("exports failed" in str(summary)) is refuses is bool(summary.failures)


def test_a_silent_endpoint_is_a_clear_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("goldeneye.demo.instruments._EXPORT_TIMEOUT_MS", 300)
    with pytest.raises(GoldeneyeError, match=r"exports failed: .*OTEL_EXPORTER_OTLP_ENDPOINT"):
        shop.run(once=True, rate=1.0)


def test_an_unknown_protocol_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier/pigeon")
    with pytest.raises(ConfigurationError, match="carrier/pigeon"):
        shop.run(once=True, rate=1.0)
