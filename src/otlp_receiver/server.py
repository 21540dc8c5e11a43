"""Both transports in front of one pipeline."""

import asyncio
import contextlib
from contextlib import AbstractAsyncContextManager
from typing import Final

import structlog
from starlette.types import ASGIApp

from goldeneye.clock import Clock
from goldeneye.errors import Unavailable
from goldeneye.http_server import HttpServer
from goldeneye.limits import IN_FLIGHT_BYTES_PER_ITEM
from goldeneye.telemetry import IN_FLIGHT_ITEMS
from otlp_receiver.admission import Budget
from otlp_receiver.cors import Cors
from otlp_receiver.exports import Exports
from otlp_receiver.grpc_server import GrpcServer
from otlp_receiver.http_app import OtlpHttp
from otlp_receiver.pipeline import Pipeline
from otlp_receiver.reasons import message
from otlp_receiver.settings import CorsSettings, ReceiverSettings

log = structlog.get_logger(__name__)
# A server that has just started has nothing to wait for but its own turn to look.
_UNDO_TIMEOUT_S: Final = 1.0


class Receiver:
    """Takes OTLP between `start` and `stop`."""

    def __init__(self, settings: ReceiverSettings, pipeline: Pipeline, clock: Clock) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._clock = clock
        self._grpc: GrpcServer | None = None
        self._http: HttpServer | None = None
        self._budget = Budget(settings.max_in_flight_bytes)
        self._others: Exports | None = None

    @property
    def max_body_bytes(self) -> int:
        """The most that a body of HTTP may have."""
        return self._settings.max_request_body_size_bytes

    def room(self, size_bytes: int) -> AbstractAsyncContextManager[object]:
        """A share of what may be in flight, for a body yet to be read."""
        return self._budget.permit(size_bytes)

    async def store_metrics(self, body: bytes) -> str:
        """Make an OTLP request durable that other parts made, as if it had been sent.

        What of it was rejected, and why; empty where nothing was. Raises GoldeneyeError;
        Unavailable before `start` and after `stop`.
        """
        if self._others is None:
            raise Unavailable("starting or stopping")
        result = await self._others.stored("metrics", "protobuf", body)
        return message("metrics", result) if result.rejected else ""

    @property
    def grpc_address(self) -> str | None:
        return self._grpc.address if self._grpc else None

    @property
    def http_address(self) -> str | None:
        return self._http.address if self._http else None

    async def start(self) -> None:
        """Listen; StartupError with nothing left running where an address is not to be had."""
        settings, budget = self._settings, self._budget
        items = Budget(
            settings.max_in_flight_bytes // IN_FLIGHT_BYTES_PER_ITEM,
            what="items",
            gauge=IN_FLIGHT_ITEMS,
        )
        try:
            if settings.http_endpoint is not None:
                exports = Exports(self._pipeline, "http", items, settings.tokens)
                otlp = OtlpHttp(settings.max_request_body_size_bytes, budget, exports)
                app = _with_cors(otlp, settings.cors)
                self._http = HttpServer(
                    app,
                    settings.http_endpoint,
                    "OTLP over HTTP",
                    "receiver.http.endpoint",
                    settings.http_tls,
                )
                await self._http.start()
            if settings.grpc_endpoint is not None:
                grpc = GrpcServer(
                    settings.grpc_endpoint,
                    settings.max_recv_msg_size_bytes,
                    budget,
                    Exports(self._pipeline, "grpc", items, settings.tokens),
                    settings.grpc_tls,
                    settings.grpc_connections,
                )
                await grpc.start()
                self._grpc = grpc
        except BaseException:
            with contextlib.suppress(TimeoutError):
                await self._close(_UNDO_TIMEOUT_S)
            raise
        self._pipeline.start()
        self._others = Exports(self._pipeline, "remote_write", items, settings.tokens)

    async def stop(self, timeout_s: float) -> None:
        """Stop accepting, answer what is in flight, and finish what was submitted."""
        self._others = None
        deadline_s = self._clock.monotonic_s() + timeout_s
        await self._close(timeout_s)
        left_s = max(0.1, deadline_s - self._clock.monotonic_s())
        if not await asyncio.to_thread(self._pipeline.stop, left_s):
            raise TimeoutError("requests in flight did not end in time; they were not acknowledged")

    async def _close(self, timeout_s: float) -> None:
        servers = [server for server in (self._grpc, self._http) if server is not None]
        await asyncio.gather(*(server.stop(timeout_s) for server in servers))


def _with_cors(app: OtlpHttp, settings: CorsSettings) -> ASGIApp:
    """CORS goes round everything, so that browsers can read refusals too."""
    if settings.allowed_origins:
        return Cors(app, settings)
    if settings.allowed_headers:
        log.warning("receiver.http.cors.allowed_headers has no effect without allowed_origins")
    return app
