"""Whether a span is in the answer of a question that is asked once it is acknowledged."""

import statistics
import threading
import time
from typing import Final

import grpc
import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_EXPORT: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_EVERY_S: Final = 0.5
_TIMEOUT_S: Final = 30.0
_QUESTION: Final = "SELECT count(*) FROM spans WHERE trace_id = ?"


class Visibility:
    """Sends a span twice a second and asks for it, until `stop`."""

    def __init__(self, grpc_address: str, api_url: str) -> None:
        self._channel = grpc.insecure_channel(grpc_address)
        self._api = httpx.Client(base_url=api_url, timeout=_TIMEOUT_S)
        self._stopping = threading.Event()
        self._answered_s: list[float] = []
        self._missed = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        export = self._channel.unary_unary(_EXPORT)
        number = 1
        while not self._stopping.wait(_EVERY_S):
            number += 1
            export(_request(number), timeout=_TIMEOUT_S)
            acknowledged_s = time.monotonic()
            if not self._count(number):
                self._missed += 1
            self._answered_s.append(time.monotonic() - acknowledged_s)

    def _count(self, number: int) -> int:
        body = {"sql": _QUESTION, "params": [f"{number:032x}"]}
        answer = self._api.post("/api/v1/sql", json=body)
        answer.raise_for_status()
        return int(answer.json()["rows"][0][0])

    def stop(self) -> str:
        """How many questions found their span at once, of how many, and their median time."""
        self._stopping.set()
        self._thread.join(2 * _TIMEOUT_S)
        self._channel.close()
        self._api.close()
        if not self._answered_s:
            return ""
        asked = len(self._answered_s)
        median_ms = statistics.median(self._answered_s) * 1e3
        return f"{asked - self._missed}/{asked} in {median_ms:.0f} ms"


def _request(number: int) -> bytes:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id = number.to_bytes(16, "big"), number.to_bytes(8, "big")
    span.name = "seen"
    span.start_time_unix_nano = time.time_ns()
    span.end_time_unix_nano = span.start_time_unix_nano + 1
    return request.SerializeToString()
