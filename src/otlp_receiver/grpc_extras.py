"""What gRPC servers are expected to offer beside their services: health and reflection."""

from collections.abc import Iterable
from typing import Any, Final

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

# Reflection describes what is imported.
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

_SERVICES: Final = tuple(
    service.full_name
    for module in (trace_service_pb2, metrics_service_pb2, logs_service_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
)


class GrpcExtras:
    """grpc.health.v1.Health and server reflection on one server."""

    def __init__(self, server: grpc.aio.Server) -> None:
        aio: Any = health.aio  # type: ignore[attr-defined]
        self._health: Any = aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        reflection.enable_server_reflection(
            (*_SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )

    async def serving(self) -> None:
        """Every service of ours is healthy, and so is the server as a whole."""
        for service in self._services():
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)

    async def stopping(self) -> None:
        """Probes and balancers are told before the listener closes."""
        await self._health.enter_graceful_shutdown()

    @staticmethod
    def _services() -> Iterable[str]:
        return ("", *_SERVICES)
