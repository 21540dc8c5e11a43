"""The API's door: a token is asked for before a request's body is read."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from goldeneye import problems
from goldeneye.errors import PermissionDenied, Unauthenticated
from goldeneye.tokens import Scope, Tokens, challenge

# Life signs, which orchestrators ask for without credentials, and pages without data of anybody.
_OPEN: Final = frozenset(
    {"/", "/healthz", "/readyz", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
)
# What asks a question although its method is one that changes.
_PROMETHEUS: Final = "/prometheus/api/v1"
_BY_FORM: Final = ("query", "query_range", "query_exemplars", "series", "labels")
_QUESTIONS: Final = frozenset({"/api/v1/sql", *(f"{_PROMETHEUS}/{name}" for name in _BY_FORM)})
# What brings telemetry in, and alerts of others.
_INGEST: Final = frozenset({f"{_PROMETHEUS}/write", "/alertmanager/api/v2/alerts"})
_READING: Final = frozenset({"GET", "HEAD"})


class TokenGate:
    """Lets requests to `app` through whose token has the scope for them.

    What is new is guarded from its first day: a route is open only where it is named here.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        needed = None if scope["type"] != "http" else scope_for(scope["method"], scope["path"])
        if needed is not None:
            try:
                self._tokens.check(Headers(scope=scope).get("authorization"), needed)
            except (Unauthenticated, PermissionDenied) as error:
                answer = problems.denial(error, challenge(error, needed))
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def scope_for(method: str, path: str) -> Scope | None:
    """The scope that a request needs; None where it needs no token."""
    if method == "OPTIONS" or path in _OPEN:
        return None  # browsers send no token with a CORS preflight
    if method in _READING or path in _QUESTIONS:
        return "read"
    return "ingest" if path in _INGEST else "admin"
