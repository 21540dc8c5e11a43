"""What the receiver is told when it starts."""

from dataclasses import dataclass
from typing import Final

from goldeneye.limits import (
    CORS_MAX_AGE_S,
    GRPC_MAX_CONCURRENT_STREAMS,
    GRPC_MAX_CONNECTION_AGE_GRACE_S,
)
from goldeneye.tls import Tls
from goldeneye.tokens import OPEN, Tokens


@dataclass(frozen=True)
class GrpcConnections:
    """How many calls one connection carries at once, and for how long."""

    max_concurrent_streams: int = GRPC_MAX_CONCURRENT_STREAMS
    max_age_s: float | None = None
    max_age_grace_s: float = GRPC_MAX_CONNECTION_AGE_GRACE_S


CONNECTIONS: Final = GrpcConnections()


@dataclass(frozen=True)
class CorsSettings:
    """Which pages' scripts may send; without origins, CORS is off."""

    allowed_origins: tuple[str, ...] = ()
    allowed_headers: tuple[str, ...] = ()
    max_age_s: float = CORS_MAX_AGE_S


NO_CORS: Final = CorsSettings()


@dataclass(frozen=True)
class ReceiverSettings:
    """An endpoint of None is turned off."""

    grpc_endpoint: str | None
    http_endpoint: str | None
    max_recv_msg_size_bytes: int
    max_request_body_size_bytes: int
    max_in_flight_bytes: int
    grpc_tls: Tls | None = None
    http_tls: Tls | None = None
    tokens: Tokens = OPEN
    grpc_connections: GrpcConnections = CONNECTIONS
    cors: CorsSettings = NO_CORS
