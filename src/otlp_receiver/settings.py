"""What the receiver is told when it starts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReceiverSettings:
    """An endpoint of None is turned off."""

    grpc_endpoint: str | None
    http_endpoint: str | None
    max_recv_msg_size_bytes: int
    max_request_body_size_bytes: int
    max_in_flight_bytes: int
