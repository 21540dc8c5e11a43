"""OTLP over gRPC: raw bytes in and out, no generated message on the way in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2

from goldeneye.addresses import join_endpoint, split_endpoint
from goldeneye.errors import StartupError
from goldeneye.grpc_credentials import authorization, credentials
from goldeneye.http_server import bind
from goldeneye.schemas import Signal
from goldeneye.tls import Tls
from otlp_receiver.admission import Budget
from otlp_receiver.compression import GZIP_MAGIC, gunzip
from otlp_receiver.expansion import expand
from otlp_receiver.exports import Exports
from otlp_receiver.grpc_extras import GrpcExtras
from otlp_receiver.one_message import MessageReader
from otlp_receiver.peers import grpc_peer
from otlp_receiver.settings import CONNECTIONS, GrpcConnections
from otlp_receiver.status import Failure

_SERVICES: Final[dict[str, Signal]] = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
}
# A message's size is unknown until it is read whole. This share of the limit is taken before;
# what is larger is added when it has been read, so that a few giants exceed the budget by no more
# than the rest of themselves.
_READ_SHARE: Final = 4
# A client that takes longer to send its message is gone or hostile.
_READ_TIMEOUT_S: Final = 30.0
_STATUS_DETAILS: Final = "grpc-status-details-bin"
# The only place where the Python exporter looks for a delay.
_RETRY_INFO: Final = "google.rpc.retryinfo-bin"
# The Collector's exporter pings every 10 s; several pings sooner than this are an attack.
_MIN_PING_INTERVAL_MS: Final = 1_000
# A peer that connects and says nothing is let go.
_HANDSHAKE_TIMEOUT_MS: Final = 10_000
# Identity and gzip: bits 0 and 2 of the core's algorithms. Others are answered UNIMPLEMENTED.
_COMPRESSION_ALGORITHMS: Final = 0b101


class GrpcServer:
    """Serves the three Export methods at `endpoint`, with health and reflection beside them."""

    def __init__(
        self,
        endpoint: str,
        max_message_bytes: int,
        budget: Budget,
        exports: Exports,
        tls: Tls | None = None,
        connections: GrpcConnections = CONNECTIONS,
    ) -> None:
        self._endpoint = endpoint
        self._tls = tls
        self._server = grpc.aio.server(options=_options(max_message_bytes, connections))
        self._extras = GrpcExtras(self._server)
        handler = _Handler(max_message_bytes, budget, exports)
        # The last to be asked: what it does not know is not offered at all.
        self._server.add_generic_rpc_handlers([handler])
        self._port = 0

    @property
    def address(self) -> str:
        """Where it listens, with the port that the system chose where 0 was asked for."""
        return join_endpoint(split_endpoint(self._endpoint)[0], self._port)

    async def start(self) -> None:
        # Where somebody listens, gRPC's core would write a line of its own beside our log.
        bind(self._endpoint, "OTLP over gRPC", "receiver.grpc.endpoint").close()
        try:
            self._port = self._bind()
        except RuntimeError:
            self._port = 0
        if not self._port:
            raise StartupError(
                f"cannot listen on {self._endpoint} for OTLP over gRPC: the address is in use or "
                "not ours. End what listens there, or set receiver.grpc.endpoint to another."
            )
        await self._server.start()
        await self._extras.serving()

    def _bind(self) -> int:
        if self._tls is None:
            return self._server.add_insecure_port(self._endpoint)
        return self._server.add_secure_port(self._endpoint, credentials(self._tls))

    async def stop(self, timeout_s: float) -> None:
        """Stop accepting and wait for the calls in flight."""
        await self._extras.stopping()
        await self._server.stop(timeout_s)


def _options(max_message_bytes: int, connections: GrpcConnections) -> list[tuple[str, int]]:
    options = [
        ("grpc.max_receive_message_length", max_message_bytes),
        # Else a second server binds the same port silently.
        ("grpc.so_reuseport", 0),
        # We decompress ourselves, with the limit kept while it runs.
        ("grpc.per_message_decompression", 0),
        ("grpc.compression_enabled_algorithms_bitset", _COMPRESSION_ALGORITHMS),
        # Exporters ping idle connections more often than the core's default tolerates.
        ("grpc.http2.min_ping_interval_without_data_ms", _MIN_PING_INTERVAL_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_concurrent_streams", connections.max_concurrent_streams),
        ("grpc.server_handshake_timeout_ms", _HANDSHAKE_TIMEOUT_MS),
    ]
    if connections.max_age_s is not None:
        options += [
            ("grpc.max_connection_age_ms", max(1, int(connections.max_age_s * 1000))),
            ("grpc.max_connection_age_grace_ms", max(1, int(connections.max_age_grace_s * 1000))),
        ]
    return options


class _Handler(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    def __init__(self, max_message_bytes: int, budget: Budget, exports: Exports) -> None:
        self._max_message_bytes = max_message_bytes
        self._budget = budget
        self._exports = exports
        self._reader = MessageReader()
        # Stream-unary, so that the permit is taken before the message is read.
        self._methods = {
            path: grpc.stream_unary_rpc_method_handler(self._method(signal))
            for path, signal in _SERVICES.items()
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = self._methods.get(handler_call_details.method)
        if method is None:
            self._exports.refused("none", "invalid")
        return method

    def _method(self, signal: Signal) -> Callable[..., Awaitable[bytes]]:
        async def export(
            _: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[bytes, bytes]"
        ) -> bytes:
            started_s = self._exports.now_s()
            try:
                if self._exports.needs_token:
                    self._exports.authorize(authorization(context))
                return await self._export(signal, context)
            except Exception as error:
                await _abort(context, self._exports.failed(signal, error))
                raise  # not reached: abort raises
            finally:
                self._exports.timed(signal, started_s)

        return export

    async def _export(
        self, signal: Signal, context: "grpc.aio.ServicerContext[bytes, bytes]"
    ) -> bytes:
        peer = grpc_peer(context.peer())
        async with self._budget.permit(self._max_message_bytes // _READ_SHARE, peer) as permit:
            message = await self._reader.read(context, _READ_TIMEOUT_S)
            permit.arrived()
            permit.resize(len(message))
            if message.startswith(GZIP_MAGIC):
                # No protobuf begins with these two bytes: 1f would be wire type 7.
                message = await expand(gunzip, message, self._max_message_bytes, permit)
            return await self._exports.store(signal, "protobuf", message, peer)


async def _abort(context: "grpc.aio.ServicerContext[bytes, bytes]", failure: Failure) -> None:
    """End the call with trailers alone, which is where some clients look for retryability."""
    status = failure.status()
    metadata: list[tuple[str, bytes]] = [(_STATUS_DETAILS, status.SerializeToString())]
    for detail in status.details:
        metadata += _retry_info(detail)
    code = next(code for code in grpc.StatusCode if code.value[0] == failure.code)
    await context.abort(code, failure.message, tuple(metadata))


def _retry_info(detail: AnyMessage) -> list[tuple[str, bytes]]:
    if not detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
        return []
    return [(_RETRY_INFO, detail.value)]
