"""Clients that ask a mix of questions over HTTP while a load is sent."""

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
import httpx
import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_EXPORT: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_TIMEOUT_S: Final = 60.0
_P95: Final = (
    "SELECT service_name, quantile_cont(duration_ns, 0.95) FROM spans "
    "WHERE start_time > now() - INTERVAL 1 MINUTE GROUP BY ALL"
)
_PROMQL: Final = "sum by (http_route) (rate(http_server_requests_total[1m]))"
Ask = Callable[["Client"], bool]


@dataclass
class Asked:
    """`failures` by what was wrong; all answers' times count."""

    taken_ms: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def row(self, name: str) -> str:
        p50, p95 = np.percentile(self.taken_ms, [50, 95])
        failed = ", ".join(f"{count} × {why}" for why, count in self.failures.items()) or "0"
        return f"| {name} | {len(self.taken_ms):,} | {p50:,.0f} | {p95:,.0f} | {failed} |"


class Readers:
    """`count` clients, each with a question a `pause_s`, in turn, until `stop`."""

    def __init__(self, api_url: str, grpc_address: str, count: int, pause_s: float) -> None:
        self.asked: dict[str, Asked] = defaultdict(Asked)
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(api_url, grpc_address, number))
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, api_url: str, grpc_address: str, number: int) -> None:
        client = Client(api_url, grpc_address)
        turns = list(_QUESTIONS.items()) if client.has_promql() else list(_QUESTIONS.items())[:-1]
        while not self._stopping.wait(self._pause_s):
            name, ask = turns[number % len(turns)]
            self._ask(client, name, ask)
            number += 1
        client.close()

    def _ask(self, client: "Client", name: str, ask: Ask) -> None:
        failure = ""
        try:
            if not ask(client):
                failure = "not there"
        except httpx.HTTPStatusError as error:
            failure = f"HTTP {error.response.status_code}"
        except (httpx.HTTPError, grpc.RpcError) as error:
            failure = type(error).__name__
        with self._lock:
            found = self.asked[name]
            found.taken_ms.append(client.taken_ms)
            if failure:
                found.failures[failure] += 1

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    @property
    def spans_sent(self) -> int:
        return sum(len(asked.taken_ms) for name, asked in self.asked.items() if name == _BY_ID)


class Client:
    """`taken_ms` is of the last question, until its whole answer was here."""

    def __init__(self, api_url: str, grpc_address: str) -> None:
        self._http = httpx.Client(base_url=api_url, timeout=_TIMEOUT_S)
        self._channel = grpc.insecure_channel(grpc_address)
        self._export = self._channel.unary_unary(_EXPORT)
        self.taken_ms = 0.0

    def get(self, path: str, **params: str) -> Any:
        return self._timed(lambda: self._http.get(path, params=params))

    def sql(self, text: str) -> Any:
        return self._timed(lambda: self._http.post("/api/v1/sql", json={"sql": text}))

    def _timed(self, send: Callable[[], httpx.Response]) -> Any:
        start_s = time.perf_counter()
        try:
            response = send()
        finally:
            self.taken_ms = (time.perf_counter() - start_s) * 1e3
        response.raise_for_status()
        return response.json()

    def send_span(self) -> str:
        """The trace id of a span that is acknowledged."""
        request = ExportTraceServiceRequest()
        span = request.resource_spans.add().scope_spans.add().spans.add()
        trace_id = uuid.uuid4()
        span.trace_id, span.span_id, span.name = trace_id.bytes, trace_id.bytes[:8], "just sent"
        span.start_time_unix_nano = time.time_ns()
        span.end_time_unix_nano = span.start_time_unix_nano + 1
        self._export(request.SerializeToString(), timeout=_TIMEOUT_S)
        return trace_id.hex

    def has_promql(self) -> bool:
        path = "/prometheus/api/v1/query"
        return self._http.get(path, params={"query": "1"}).status_code == httpx.codes.OK

    def close(self) -> None:
        self._http.close()
        self._channel.close()


def _by_id(client: Client) -> bool:
    trace_id = client.send_span()
    return len(client.get(f"/api/v1/traces/{trace_id}")["spans"]) == 1


def _range(client: Client) -> bool:
    now_s = time.time()
    times = {"start": f"{now_s - 300:.3f}", "end": f"{now_s:.3f}", "step": "15"}
    found = client.get("/prometheus/api/v1/query_range", query=_PROMQL, **times)
    return found["status"] == "success"


_BY_ID: Final = "trace by id, of a span just acknowledged"
# The last one only where PromQL is answered.
_QUESTIONS: Final[Mapping[str, Ask]] = {
    "services, 5 min": lambda client: bool(client.get("/api/v1/services", start="now-5m")),
    "traces of a service that failed": lambda client: bool(
        client.get(
            "/api/v1/traces", service="service-3", attribute="http.response.status_code>=500"
        )
    ),
    _BY_ID: _by_id,
    "logs, a word": lambda client: bool(client.get("/api/v1/logs", query="retrying")),
    "SQL, p95 by service in 1 min": lambda client: bool(client.sql(_P95)["columns"]),
    "PromQL, rate by route over 5 min": _range,
}
