"""The gRPC server of goldeneye.query.v1.QueryService, with health and reflection beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import grpc
import grpc.aio
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from goldeneye import limits
from goldeneye.addresses import join_endpoint, split_endpoint
from goldeneye.errors import GoldeneyeError, StartupError
from goldeneye.grpc_credentials import authorization, credentials
from goldeneye.http_server import bind
from goldeneye.tls import Tls
from goldeneye.tokens import OPEN, Tokens
from query.grpc_service import questions
from query.grpc_service.messages import read
from query.grpc_service.proto.goldeneye.query.v1 import query_pb2
from query.grpc_service.status import code_name
from query.pool import Cancellation
from query.service import QueryService

log = structlog.get_logger(__name__)

_THREADS: Final = 64
SERVICE: Final = query_pb2.DESCRIPTOR.services_by_name["QueryService"].full_name
_QUESTIONS: Final[dict[str, Callable[[QueryService, Any, Cancellation], Any]]] = {
    "GetTrace": questions.get_trace,
    "SearchTraces": questions.search_traces,
    "SearchLogs": questions.search_logs,
}
Context = Any  # grpc.aio.ServicerContext of two message types
Result = TypeVar("Result")


class QueryGrpcServer:
    """Serves at `endpoint`, with the tokens and the certificates that are given."""

    def __init__(
        self,
        service: QueryService,
        endpoint: str,
        tls: Tls | None = None,
        tokens: Tokens = OPEN,
    ) -> None:
        self._service = service
        self._endpoint = endpoint
        self._tls = tls
        self._tokens = tokens
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="grpc-question")
        self._server = grpc.aio.server(options=_OPTIONS)
        self._server.add_generic_rpc_handlers([self._handlers()])
        aio: Any = health.aio  # type: ignore[attr-defined]
        self._health: Any = aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self._port = 0

    @property
    def address(self) -> str:
        """Where it listens, with the port that the system chose where 0 was asked for."""
        return join_endpoint(split_endpoint(self._endpoint)[0], self._port)

    async def start(self) -> None:
        """Raises StartupError where it cannot listen there."""
        # Where somebody listens, gRPC's core would write a line of its own beside our log.
        bind(self._endpoint, "questions over gRPC", "query.grpc.endpoint").close()
        try:
            self._port = self._bind()
        except RuntimeError:
            raise StartupError(
                f"cannot listen on {self._endpoint} for questions over gRPC: the address is in use "
                "or not ours. End what listens there, or set query.grpc.endpoint to another."
            ) from None
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, timeout_s: float) -> None:
        """Stop accepting and wait for the calls in flight."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(timeout_s)

    def _bind(self) -> int:
        if self._tls is None:
            return self._server.add_insecure_port(self._endpoint)
        return self._server.add_secure_port(self._endpoint, credentials(self._tls))

    def _handlers(self) -> Any:
        methods = {
            name: grpc.unary_unary_rpc_method_handler(
                self._unary(question, _request(name)), None, _serializer(name)
            )
            for name, question in _QUESTIONS.items()
        }
        methods["Sql"] = grpc.unary_stream_rpc_method_handler(self._sql, None, _serializer("Sql"))
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _unary(
        self, question: Callable[[QueryService, Any, Cancellation], Any], request: Any
    ) -> Any:
        async def answered(body: bytes, context: Context) -> Any:
            return await self._answer(
                context, lambda leaving: question(self._service, read(request, body), leaving)
            )

        return answered

    async def _sql(self, body: bytes, context: Context) -> AsyncIterator[Any]:
        request = _request("Sql")
        answer = await self._answer(
            context,
            lambda leaving: questions.run_sql(self._service, read(request, body), leaving),
        )
        with answer:
            for piece in questions.pieces(answer):
                yield piece

    async def _answer(self, context: Context, work: Callable[[Cancellation], Result]) -> Result:
        """What `work` returns; where the client goes away before, its queries are ended."""
        cancellation = Cancellation()
        loop = asyncio.get_running_loop()
        try:
            self._tokens.check(authorization(context), "read")
            return await loop.run_in_executor(self._threads, work, cancellation)
        except asyncio.CancelledError:
            cancellation.cancel()
            raise
        except GoldeneyeError as error:
            await context.abort(grpc.StatusCode[code_name(error)], str(error))
            raise  # not reached: abort raises
        except Exception as error:
            log.error("a question over gRPC failed", exc_info=error)
            words = "something is broken here; the server's log says what"
            await context.abort(grpc.StatusCode.INTERNAL, words)
            raise


_OPTIONS: Final = [
    ("grpc.max_receive_message_length", limits.MAX_QUERY_BODY_BYTES),
    ("grpc.max_send_message_length", -1),
    # Else a second server binds the same port silently.
    ("grpc.so_reuseport", 0),
]


def _method(name: str) -> Any:
    return query_pb2.DESCRIPTOR.services_by_name["QueryService"].methods_by_name[name]


def _request(method: str) -> Any:
    return getattr(query_pb2, _method(method).input_type.name)


def _serializer(method: str) -> Any:
    return getattr(query_pb2, _method(method).output_type.name).SerializeToString
