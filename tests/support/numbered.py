"""Writers of numbered items, which know what was acknowledged to them."""

import urllib.error
import urllib.request
from collections import Counter

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.server import GoldeneyeProcess

ITEMS_PER_REQUEST = 20
_START_NS = 1_767_225_600_000_000_000
_METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
# The item's number and its writer, from the table that holds the signal.
STORED = {
    "traces": "SELECT CAST(attributes->>'number' AS BIGINT) AS number FROM spans "
    "WHERE attributes->>'writer' = $writer",
    "logs": "SELECT CAST(attributes->>'number' AS BIGINT) AS number FROM logs "
    "WHERE attributes->>'writer' = $writer",
    "metrics": "SELECT value_int AS number FROM metrics WHERE attributes->>'writer' = $writer",
}


class Writer:
    """One connection's worth of items, numbered from 0; each number is sent in one request."""

    def __init__(self, signal: str, transport: str) -> None:
        self.signal = signal
        self.transport = transport
        self.name = f"{signal}-{transport}"
        self.acknowledged: set[int] = set()
        self._next = 0
        # Sent, and not answered: the server may or may not have it.
        self._unanswered: list[int] = []

    def run(self, server: GoldeneyeProcess) -> None:
        """Send until the server is gone, beginning with what had no answer."""
        self._open(server)
        while self._unanswered:
            if not self._deliver(self._unanswered[0]):
                return
            self._unanswered.pop(0)
        while True:
            first = self._next
            self._next += ITEMS_PER_REQUEST
            if not self._deliver(first):
                self._unanswered.append(first)
                return

    def send(self, server: GoldeneyeProcess, requests: int) -> None:
        """Send that many requests to a server that stays."""
        self._open(server)
        self._send_on(requests)

    def _send_on(self, requests: int) -> None:
        for _ in range(requests):
            first = self._next
            self._next += ITEMS_PER_REQUEST
            if not self._deliver(first):
                raise RuntimeError(f"{self.name}: request {first} failed on a running server")

    def send_to_grpc(self, endpoint: str, requests: int) -> None:
        """Send that many requests to whatever takes OTLP there."""
        self._send = self._grpc(endpoint)
        self._send_on(requests)

    def send_again(self, server: GoldeneyeProcess) -> None:
        """Repeat what had no answer, to a server that stays."""
        self._open(server)
        for first in self._unanswered:
            if not self._deliver(first):
                raise RuntimeError(f"{self.name}: request {first} failed on a running server")
        self._unanswered.clear()

    def _deliver(self, first: int) -> bool:
        if not self._send(self.body(first)):
            return False
        self.acknowledged.update(range(first, first + ITEMS_PER_REQUEST))
        return True

    def _open(self, server: GoldeneyeProcess) -> None:
        is_grpc = self.transport == "grpc"
        self._send = self._grpc(server.grpc_endpoint) if is_grpc else self._http(server)

    def _grpc(self, endpoint: str):  # type: ignore[no-untyped-def]
        channel = grpc.insecure_channel(endpoint, options=[("grpc.use_local_subchannel_pool", 1)])
        export = channel.unary_unary(_METHODS[self.signal])

        def send(body: bytes) -> bool:
            try:
                # Of others than us, a partial success may be there and empty.
                return export(body, timeout=20) in (b"", b"\n\x00")
            except grpc.RpcError:
                return False

        return send

    def _http(self, server: GoldeneyeProcess):  # type: ignore[no-untyped-def]
        url = f"{server.http_endpoint}/v1/{self.signal}"

        def send(body: bytes) -> bool:
            request = urllib.request.Request(url, body, {"Content-Type": "application/x-protobuf"})
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status == 200 and answer.read() == b""
            except (OSError, urllib.error.URLError):
                return False

        return send

    def body(self, first: int) -> bytes:
        """The request with the items `first` and after; the same bytes each time."""
        return _BODIES[self.signal](self.name, range(first, first + ITEMS_PER_REQUEST))


def count_stored(server: GoldeneyeProcess, writers: list[Writer]) -> tuple[int, int]:
    """How many acknowledged items are missing, and how many items are there more than once."""
    lost = doubled = 0
    for writer in writers:
        rows = server.sql(STORED[writer.signal], {"writer": writer.name})
        times = Counter(row["number"] for row in rows)
        lost += sum(1 for number in writer.acknowledged if number not in times)
        doubled += sum(1 for count in times.values() if count > 1)
    return lost, doubled


def _attributes(item, writer: str, number: int) -> None:  # type: ignore[no-untyped-def]
    item.attributes.add(key="writer").value.string_value = writer
    item.attributes.add(key="number").value.int_value = number
    item.attributes.add(key="padding").value.string_value = f"{number:016x}" * 24


def _spans(writer: str, numbers: range) -> bytes:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in numbers:
        span = spans.add(name="numbered", trace_id=(number + 1).to_bytes(16, "big"))
        span.span_id = (number + 1).to_bytes(8, "big")
        span.start_time_unix_nano = _START_NS + number
        span.end_time_unix_nano = _START_NS + number + 1000
        _attributes(span, writer, number)
    return request.SerializeToString()


def _logs(writer: str, numbers: range) -> bytes:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for number in numbers:
        record = records.add(time_unix_nano=_START_NS + number)
        record.body.string_value = "numbered"
        _attributes(record, writer, number)
    return request.SerializeToString()


def _points(writer: str, numbers: range) -> bytes:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="numbered")
    for number in numbers:
        point = metric.gauge.data_points.add(time_unix_nano=_START_NS + number, as_int=number)
        point.attributes.add(key="writer").value.string_value = writer
        point.attributes.add(key="shard").value.int_value = number % 7
    return request.SerializeToString()


_BODIES = {"traces": _spans, "logs": _logs, "metrics": _points}
