"""The receiver on free loopback ports, its event loop in a thread of the test's process."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
import httpx
import uvloop

from goldeneye.clock import Clock, SystemClock
from goldeneye.decoded import Committer, Decoder
from goldeneye.limits import MIB
from goldeneye.schemas import Signal
from otlp_receiver.pipeline import Pipeline
from otlp_receiver.server import Receiver
from otlp_receiver.settings import ReceiverSettings

_SERVICES: Mapping[Signal, str] = {
    "traces": "trace.v1.TraceService",
    "metrics": "metrics.v1.MetricsService",
    "logs": "logs.v1.LogsService",
}
TIMEOUT_S = 30.0


def method(signal: Signal) -> str:
    """The path of a signal's Export."""
    return f"/opentelemetry.proto.collector.{_SERVICES[signal]}/Export"


def settings(**changes: Any) -> ReceiverSettings:
    values: dict[str, Any] = {
        "grpc_endpoint": "127.0.0.1:0",
        "http_endpoint": "127.0.0.1:0",
        "max_recv_msg_size_bytes": 64 * MIB,
        "max_request_body_size_bytes": 64 * MIB,
        "max_in_flight_bytes": 256 * MIB,
    }
    return ReceiverSettings(**{**values, **changes})


class OtlpServer:
    """Both transports in front of a committer, and a client for each."""

    def __init__(
        self, committer: Committer, decoder: Decoder, clock: Clock | None = None, **changes: Any
    ) -> None:
        clock = clock or SystemClock()
        self.broken: list[BaseException] = []
        self._pipeline = Pipeline(decoder, committer, clock, self.broken.append)
        self._receiver = Receiver(settings(**changes), self._pipeline, clock)
        self._loop = uvloop.new_event_loop()  # as the product does
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="event loop", daemon=True
        )
        self.grpc_address = self.http_address = ""

    def start(self) -> None:
        self._thread.start()
        try:
            self._run(self._receiver.start())
        except BaseException:
            self._end_loop()
            raise
        self.grpc_address = self._receiver.grpc_address or ""
        self.http_address = self._receiver.http_address or ""
        self.client = httpx.Client(base_url=f"http://{self.http_address}", timeout=TIMEOUT_S)
        self.channel = self.new_channel()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Drain as the process does; the clients stay open meanwhile."""
        try:
            self._run(self._receiver.stop(timeout_s))
        finally:
            self.channel.close()
            self.client.close()
            self._end_loop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT_S)

    def new_channel(self) -> grpc.Channel:
        """A connection of its own."""
        options = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_retries", 0),
            ("grpc.max_send_message_length", -1),
        ]
        return grpc.insecure_channel(self.grpc_address, options=options)

    def post(
        self, path: str, body: Any, content_type: str | None = "application/x-protobuf", **more: str
    ) -> httpx.Response:
        """POST; keywords are headers, with dashes for underscores."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self.client.post(path, content=body, headers=headers)

    def call(self, signal: Signal) -> "grpc.UnaryUnaryMultiCallable[bytes, bytes]":
        """Export, raw bytes in and out."""
        return self.channel.unary_unary(method(signal))

    def export(self, signal: Signal, body: bytes, compression: Any = None) -> bytes:
        """One Export; RpcError where its status is not OK."""
        return self.call(signal)(body, timeout=TIMEOUT_S, compression=compression)


@contextmanager
def serving(committer: Committer, decoder: Decoder, **changes: Any) -> Iterator[OtlpServer]:
    """A server until the block ends; its pipeline must not have broken."""
    server = OtlpServer(committer, decoder, **changes)
    server.start()
    try:
        yield server
    finally:
        server.stop()
    assert not server.broken
