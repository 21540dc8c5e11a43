"""Errors of the HTTP API as RFC 9457 problem documents: the one table of their statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from goldeneye.errors import (
    ConfigurationError,
    Conflict,
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

log = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
# What the OpenAPI document says of routes whose errors are problem documents.
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {
        "description": "A problem document (RFC 9457).",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                    },
                }
            }
        },
    }
}
# Class -> (status, last part of `type`, title). A subclass has its base's unless it is here.
_PROBLEMS: Final[Mapping[type[GoldeneyeError], tuple[HTTPStatus, str, str]]] = {
    InvalidRequest: (HTTPStatus.BAD_REQUEST, "invalid-request", "The request is not valid"),
    NotFound: (HTTPStatus.NOT_FOUND, "not-found", "There is no such thing"),
    Conflict: (HTTPStatus.CONFLICT, "conflict", "It is not in a state for that"),
    RequestTooLarge: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "request-too-large",
        "The request is too large",
    ),
    QueryRefused: (HTTPStatus.BAD_REQUEST, "query-refused", "The query may not run here"),
    QueryFailed: (HTTPStatus.UNPROCESSABLE_ENTITY, "query-failed", "The query cannot be run"),
    # Text of rules, SLOs or routing: its faults stand one a line.
    ConfigurationError: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-configuration",
        "The configuration cannot be used",
    ),
    QueryOverBudget: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "query-over-budget",
        "The query exceeds its limits",
    ),
    # The same query meets the same file again, so it is no 503.
    DataDamaged: (HTTPStatus.UNPROCESSABLE_ENTITY, "damaged-file", "A data file is damaged"),
    Unauthenticated: (HTTPStatus.UNAUTHORIZED, "unauthenticated", "A token is needed"),
    PermissionDenied: (HTTPStatus.FORBIDDEN, "permission-denied", "The token may not do this"),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Try again later"),
}


def install(app: FastAPI) -> None:
    """Make every error that the application answers with a problem document."""
    app.add_exception_handler(GoldeneyeError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


def problem(
    status: int,
    kind: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem document; `more` are members beside those of the RFC."""
    body = {"type": f"urn:goldeneye:problem:{kind}", "title": title, "status": int(status)}
    return Response(
        orjson.dumps({**body, "detail": detail, **more}, default=str),
        status,
        headers,
        MEDIA_TYPE,
    )


def denial(error: Unauthenticated | PermissionDenied, headers: Mapping[str, str]) -> Response:
    """For a request that is turned away before it reaches the application."""
    status, kind, title = _PROBLEMS[type(error)]
    return problem(status, kind, title, str(error), headers)


async def _expected(request: Request, error: Exception) -> Response:
    for known in type(error).__mro__:
        if known in _PROBLEMS:
            status, kind, title = _PROBLEMS[known]
            delay_s = getattr(error, "retry_delay_s", None)
            headers = None if delay_s is None else {"Retry-After": str(delay_s)}
            more = {"files": error.files} if isinstance(error, DataDamaged) else {}
            return problem(status, kind, title, str(error), headers, **more)
    return await _defect(request, error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()
    ]
    detail = "; ".join(
        f"{one['where']}: {one['what']}" if one["where"] else one["what"] for one in errors
    )
    title = "The request is not valid"
    return problem(HTTPStatus.BAD_REQUEST, "invalid-request", title, detail, errors=errors)


async def _http(request: Request, error: Exception) -> Response:
    """404 and 405, and what the framework refuses by itself."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    kind = phrase.lower().replace(" ", "-")
    detail = f"{request.method} {request.url.path}"
    if error.detail != phrase:
        detail += f": {error.detail}"
    return problem(error.status_code, kind, phrase, detail, error.headers)


async def _defect(request: Request, error: Exception) -> Response:
    """A broken invariant: its words are for our log, not for the client."""
    log.error("a request failed", path=request.url.path, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        "Something is broken here",
        "The server's log says what; this is a defect of Goldeneye.",
    )
