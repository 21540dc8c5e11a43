"""The one place that wires everything, starts it in order, and stops it in reverse."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

from alerting.api import routers as alerting_routers
from goldeneye import __version__, api, limits, wiring
from goldeneye.alert_history import AlertHistory
from goldeneye.alerting_parts import AlertingParts
from goldeneye.clock import Clock, SystemClock
from goldeneye.config import Config
from goldeneye.http_server import HttpServer
from goldeneye.lifecycle import Lifecycle
from goldeneye.security import Security
from goldeneye.snapshot import HotChunk, Snapshot
from goldeneye.telemetry import SLOW_DECODER
from otlp_receiver.decoding.choose import decoder
from otlp_receiver.pipeline import Pipeline
from otlp_receiver.server import Receiver
from query.api import routers as query_routers
from query.grpc_service.server import QueryGrpcServer
from query.service import QueryService
from storage.engine import Storage

log = structlog.get_logger(__name__)


class Server:
    """One running Goldeneye."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self.config = config
        self._clock = clock or SystemClock()
        self._lifecycle = Lifecycle(self._clock)
        self._started_ns = self._clock.now_ns()
        self._decoder = decoder(config.promoted())
        self._receiving = False
        self._query_grpc: QueryGrpcServer | None = None

    async def start(self) -> None:
        """Start everything, or raise (StartupError where expected) with nothing left running."""
        limits.check()
        SLOW_DECODER.set(self._decoder.name == "slow")
        self._security = Security(self.config)
        try:
            await self._start_storage_and_query()
            await self._prepare_alerting()
            await self._start_api()
            await self._start_query_grpc()
            await self._start_receiver()
            self._parts.alerting.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> bool:
        """Stop accepting, answer what is in flight, flush; False where a part failed to stop."""
        self._receiving = False
        return await self._lifecycle.stop(limits.SHUTDOWN_TIMEOUT_S)

    async def _start_storage_and_query(self) -> None:
        """Side by side: the query workers start while the log is replayed."""
        config = self.config
        storage, query = await asyncio.gather(
            asyncio.to_thread(
                Storage.open, wiring.storage_settings(config), self._decoder, self._clock
            ),
            asyncio.to_thread(
                QueryService, wiring.query_settings(config), config.promoted(), self, self._clock
            ),
            return_exceptions=True,
        )
        if not isinstance(storage, BaseException):
            self._storage = storage
            self._lifecycle.push("storage", self._close_storage)
        if not isinstance(query, BaseException):
            self._query = query
            self._lifecycle.push("query", self._close_query)
        for failed in (storage, query):
            if isinstance(failed, BaseException):
                raise failed

    def snapshot(self, tenant: str) -> Snapshot:
        """See goldeneye.snapshot.SnapshotSource; not asked before the storage is open."""
        return self._storage.snapshot(tenant)

    def watch(
        self, tenant: str, table: str, arrived: Callable[[HotChunk], None]
    ) -> AbstractContextManager[None]:
        """As `snapshot`."""
        return self._storage.watch(tenant, table, arrived)

    async def _prepare_alerting(self) -> None:
        """Reads its files; it begins once telemetry can arrive."""
        self._parts = await asyncio.to_thread(
            AlertingParts, self.config, self._storage, self, self._decoder, self._clock
        )
        self._lifecycle.push("alerting", self._stop_alerting)

    async def _stop_alerting(self, timeout_s: float) -> None:
        await asyncio.to_thread(self._parts.stop, timeout_s)

    def reload(self) -> None:
        """Read rules, SLOs and routing again, all or nothing; blocks.

        Raises ConfigurationError and StorageUnavailable, and the old ones stay in force.
        """
        self._parts.alerting.reload()

    async def _start_api(self) -> None:
        pipeline = Pipeline(self._decoder, self._storage, self._clock)
        self._receiver = Receiver(
            wiring.receiver_settings(self.config, self._security), pipeline, self._clock
        )
        routers = [
            *query_routers(self._query, self._receiver),
            *alerting_routers(self._parts.alerting, AlertHistory(self._query)),
        ]
        app = api.app(self.status, self.refusal, routers, self._security.tokens)
        self._api = HttpServer(
            app, self.config.api.endpoint, "the API", "api.endpoint", self._security.api_tls
        )
        await self._api.start()
        self._lifecycle.push("API", self._stop_answering)

    async def _start_query_grpc(self) -> None:
        endpoint, security = self.config.query.grpc.endpoint, self._security
        if endpoint is not None:
            server = QueryGrpcServer(
                self._query, endpoint, security.query_grpc_tls, security.tokens
            )
            await server.start()
            self._query_grpc = server

    async def _start_receiver(self) -> None:
        await self._receiver.start()
        self._lifecycle.push("receiver", self._stop_receiver)
        self._receiving = True

    async def _stop_receiver(self, timeout_s: float) -> None:
        self._receiving = False
        await self._receiver.stop(min(timeout_s, limits.DRAIN_TIMEOUT_S))

    async def _stop_answering(self, timeout_s: float) -> None:
        """Over HTTP and gRPC. Questions that take longer are ended: the flush needs its time."""
        timeout_s = min(timeout_s, limits.DRAIN_TIMEOUT_S + limits.ENDED_TIMEOUT_S)
        stopping = [asyncio.create_task(self._api.stop(timeout_s))]
        if self._query_grpc is not None:
            stopping.append(asyncio.create_task(self._query_grpc.stop(timeout_s)))
        _, answering = await asyncio.wait(stopping, timeout=limits.DRAIN_TIMEOUT_S)
        if answering:
            await asyncio.to_thread(self._query.close)
        for failed in await asyncio.gather(*stopping, return_exceptions=True):
            if failed is not None:
                raise failed

    async def _close_query(self, _: float) -> None:
        await asyncio.to_thread(self._query.close)

    async def _close_storage(self, timeout_s: float) -> None:
        await asyncio.to_thread(self._storage.close, timeout_s)

    def listeners(self) -> dict[str, str | None]:
        """What listens where; None where it is turned off."""
        return {
            "grpc": self._receiver.grpc_address,
            "http": self._receiver.http_address,
            "api": self._api.address,
            "query_grpc": self._query_grpc.address if self._query_grpc else None,
        }

    def refusal(self) -> str | None:
        """Why telemetry would be refused now; None while it is accepted."""
        return self._storage.refusal() if self._receiving else "starting or stopping"

    def status(self) -> Mapping[str, Any]:
        """The answer of /api/v1/status."""
        return {
            "version": __version__,
            "ready": self.refusal() is None,
            "uptime_s": (self._clock.now_ns() - self._started_ns) / 1e9,
            "decoder": self._decoder.name,
            "listeners": self.listeners() if self._receiving else {},
            "security": self._security.status(),
            "storage": self._storage.status(),
            "query": self._query.status(),
            "alerting": self._parts.alerting.status(),
        }
