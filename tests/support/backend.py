"""All of Goldeneye but its listeners for telemetry: OTLP requests in, questions over HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.fake_decoder import START_NS
from support.serving import serving
from support.storage_folder import settings as storage_settings

from goldeneye.clock import ManualClock
from goldeneye.decoded import Group
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, Signal, well_known_keys
from otlp_receiver.decoding.choose import decoder
from query.service import QueryService
from query.settings import QuerySettings
from storage.compaction.worker_process import Worker
from storage.engine import Storage

_SIGNALS: Final[dict[type[Message], Signal]] = {
    ExportTraceServiceRequest: "traces",
    ExportLogsServiceRequest: "logs",
    ExportMetricsServiceRequest: "metrics",
}


class Backend:
    """Its clock stands at START_NS until a test moves it."""

    def __init__(self, data_dir: Path, worker: Worker | None = None) -> None:
        self.clock = ManualClock(START_NS)
        self._decoder = decoder(well_known_keys())
        given = storage_settings(data_dir, promoted=well_known_keys())
        self.storage = Storage.open(given, self._decoder, self.clock, worker=worker, threads=False)
        self.service = QueryService(
            QuerySettings(data_dir, 512 * MIB, 2, 20.0, 1_000_000, 1),
            well_known_keys(),
            self.storage,
            self.clock,
        )
        self.client: httpx.Client

    def send(self, *requests: Message, received_ns: int | None = None) -> None:
        """Make OTLP requests durable and visible."""
        for request in requests:
            body, signal = request.SerializeToString(), _SIGNALS[type(request)]
            received = [self.clock.now_ns() if received_ns is None else received_ns]
            decoded = self._decoder.decode(signal, "protobuf", [body], received)
            assert all(result.error is None for result in decoded.results), decoded.results
            group = Group(DEFAULT_TENANT, signal, "protobuf", [body], received, decoded)
            self.storage.commit([group])

    def flush(self) -> None:
        """Write what was sent as files."""
        assert self.storage.flush()

    def get(self, path: str, params: Any = None, **more: Any) -> Any:
        """The JSON of an answer that must be 200."""
        response = self.client.get(path, params=params, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def problem(self, path: str, params: Any = None, status: int = 400) -> str:
        """The detail of the problem document that must come."""
        response = self.client.get(path, params=params)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        return str(response.json()["detail"])


@contextmanager
def backend(data_dir: Path, worker: Worker | None = None) -> Iterator[Backend]:
    """Starting it takes about a second: let a module's tests share one. `worker` merges files."""
    whole = Backend(data_dir, worker)
    try:
        with serving(whole.service) as whole.client:
            yield whole
    finally:
        whole.service.close()
        whole.storage.close(10)


def spans_request(
    spans: Sequence[Any], service: str = "shop", **resource: str | int
) -> ExportTraceServiceRequest:
    """One resource and scope with these Span messages; `a__b` in a keyword stands for `a.b`."""
    request = ExportTraceServiceRequest()
    envelope = request.resource_spans.add()
    add_attributes(envelope.resource.attributes, {"service.name": service} | dotted(resource))
    envelope.scope_spans.add().spans.extend(spans)
    return request


def add_attributes(target: Any, values: dict[str, Any]) -> None:
    """Append str, bool, int and float values as attributes."""
    for key, value in values.items():
        one = target.add(key=key).value
        if isinstance(value, bool):
            one.bool_value = value
        elif isinstance(value, int):
            one.int_value = value
        elif isinstance(value, float):
            one.double_value = value
        else:
            one.string_value = value


def dotted(values: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("__", "."): value for key, value in values.items()}
