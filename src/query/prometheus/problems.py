"""Errors in Prometheus's form: the one table of their types and statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from goldeneye.errors import (
    GoldeneyeError,
    InvalidRequest,
    NotFound,
    QueryLate,
    RequestTooLarge,
    Unavailable,
)
from query.pool import CANCELLED
from query.promql.errors import PromqlError

# The client has gone; nginx's number, which Prometheus uses too.
_CLIENT_CLOSED: Final = 499
_STATUSES: Final[Mapping[str, int]] = {
    "bad_data": HTTPStatus.BAD_REQUEST,
    "execution": HTTPStatus.UNPROCESSABLE_ENTITY,
    "timeout": HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "canceled": _CLIENT_CLOSED,
    "not_found": HTTPStatus.NOT_FOUND,
}
_KINDS: Final[Mapping[type[GoldeneyeError], str]] = {
    InvalidRequest: "bad_data",
    RequestTooLarge: "bad_data",
    NotFound: "not_found",
    QueryLate: "timeout",
    Unavailable: "unavailable",
}


def problem(error: PromqlError | GoldeneyeError) -> tuple[int, dict[str, str]]:
    """The status and the document that tell of it."""
    kind = error.kind if isinstance(error, PromqlError) else _kind(error)
    return _STATUSES[kind], {"status": "error", "errorType": kind, "error": str(error)}


def _kind(error: GoldeneyeError) -> str:
    if str(error) == CANCELLED:
        return "canceled"
    found = (_KINDS[known] for known in type(error).__mro__ if known in _KINDS)
    return next(found, "execution")
