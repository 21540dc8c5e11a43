"""The one table from our failures to gRPC and HTTP status, and `google.rpc.Status` bodies.

The retryable ones among these are UNAVAILABLE and 503, which every OTLP exporter retries; 429
and RESOURCE_EXHAUSTED are not used for overload, since some exporters drop data on them.
"""

from dataclasses import dataclass
from typing import Final

from google.protobuf.json_format import MessageToJson
from google.rpc import code_pb2, error_details_pb2, status_pb2

from goldeneye.errors import (
    GoldeneyeError,
    InvalidRequest,
    PermissionDenied,
    RequestTooLarge,
    Unauthenticated,
    Unavailable,
)
from goldeneye.limits import MAX_STATUS_MESSAGE_BYTES
from goldeneye.schemas import Encoding

CONTENT_TYPES: Final[dict[Encoding, str]] = {
    "protobuf": "application/x-protobuf",
    "json": "application/json",
}


@dataclass(frozen=True)
class Failure:
    """One answer that is not success. `code` is a google.rpc.Code."""

    code: int
    http_status: int
    outcome: str  # the label of the requests metric
    message: str
    retry_delay_s: int | None = None

    def status(self) -> status_pb2.Status:
        """Code, message, and what a client may do about it."""
        found = status_pb2.Status(code=self.code, message=self.message)
        if self.retry_delay_s is not None:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.seconds = self.retry_delay_s
            found.details.add().Pack(retry)
        elif self.code == code_pb2.INVALID_ARGUMENT:
            found.details.add().Pack(_bad_request(self.message))
        return found

    def body(self, encoding: Encoding) -> bytes:
        """The status in the request's encoding."""
        if encoding == "protobuf":
            return bytes(self.status().SerializeToString())
        return str(MessageToJson(self.status(), indent=None)).encode()


def _bad_request(message: str) -> error_details_pb2.BadRequest:
    """The message, and the field that it begins with where it begins with one."""
    field, colon, description = message.partition(": ")
    if not colon or " " in field:
        field, description = "", message
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
    return error_details_pb2.BadRequest(field_violations=[violation])


_TABLE: Final[tuple[tuple[type[GoldeneyeError], int, int, str], ...]] = (
    (InvalidRequest, code_pb2.INVALID_ARGUMENT, 400, "invalid"),
    (RequestTooLarge, code_pb2.RESOURCE_EXHAUSTED, 413, "too_large"),
    (Unauthenticated, code_pb2.UNAUTHENTICATED, 401, "unauthenticated"),
    (PermissionDenied, code_pb2.PERMISSION_DENIED, 403, "forbidden"),
    (Unavailable, code_pb2.UNAVAILABLE, 503, "unavailable"),
)


def failure(error: BaseException) -> Failure:
    """What a client is told of an error; anything unexpected is INTERNAL and tells no details."""
    for kind, code, http_status, outcome in _TABLE:
        if isinstance(error, kind):
            delay_s = error.retry_delay_s if isinstance(error, Unavailable) else None
            return Failure(code, http_status, outcome, bounded(str(error)), delay_s)
    return Failure(code_pb2.INTERNAL, 500, "error", "internal error; the server's log says more")


def bounded(message: str) -> str:
    """A message that fits a header, and is UTF-8 whatever a request held."""
    encoded = message.encode(errors="replace")
    if len(encoded) <= MAX_STATUS_MESSAGE_BYTES:
        return encoded.decode()
    return encoded[: MAX_STATUS_MESSAGE_BYTES - len("…".encode())].decode(errors="ignore") + "…"
