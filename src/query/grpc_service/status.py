"""The one table from our failures to gRPC status codes."""

from collections.abc import Mapping
from typing import Final

from goldeneye.errors import (
    DataDamaged,
    GoldeneyeError,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    QueryFailed,
    QueryOverBudget,
    QueryRefused,
    RequestTooLarge,
    Unauthenticated,
    Unavailable,
)

# Names of grpc.StatusCode. A subclass has its base's unless it is here.
_CODES: Final[Mapping[type[GoldeneyeError], str]] = {
    InvalidRequest: "INVALID_ARGUMENT",
    RequestTooLarge: "INVALID_ARGUMENT",
    QueryRefused: "INVALID_ARGUMENT",
    QueryFailed: "INVALID_ARGUMENT",
    NotFound: "NOT_FOUND",
    QueryOverBudget: "RESOURCE_EXHAUSTED",
    DataDamaged: "DATA_LOSS",
    Unauthenticated: "UNAUTHENTICATED",
    PermissionDenied: "PERMISSION_DENIED",
    Unavailable: "UNAVAILABLE",
}


def code_name(error: GoldeneyeError) -> str:
    """INTERNAL for what nobody expects of a question."""
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), "INTERNAL")
