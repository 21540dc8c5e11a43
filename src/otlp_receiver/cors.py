"""CORS, so that SDKs in browsers may send from pages of other origins (Fetch standard)."""

import re
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from otlp_receiver.settings import CorsSettings

# What OTLP exporters set; more by `allowed_headers`.
_EXPORTER_HEADERS: Final = ("authorization", "content-encoding", "content-type")


class Cors:
    """Answers preflights itself, and lets every other answer be read by the origins allowed.

    The origin is echoed, never `*`, since browsers send beacons with credentials and then demand
    the origin itself.
    """

    def __init__(self, app: ASGIApp, settings: CorsSettings) -> None:
        self._app = app
        self._settings = settings
        self._origins = re.compile("|".join(map(_pattern, settings.allowed_origins)), re.I)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self._preflight(headers)(scope, receive, send)
            return

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), headers)
            await send(message)

        await self._app(scope, receive, send_readable)

    def _preflight(self, asked: Headers) -> Response:
        """What may be sent, for an origin that may; for others, nothing that allows anything."""
        answer = Response(status_code=204)
        self._add(answer.headers, asked)
        answer.headers.add_vary_header("Access-Control-Request-Headers")
        if "access-control-allow-origin" in answer.headers:
            answer.headers["Access-Control-Allow-Methods"] = "POST"
            answer.headers["Access-Control-Allow-Headers"] = self._allowed_headers(asked)
            answer.headers["Access-Control-Max-Age"] = str(int(self._settings.max_age_s))
        return answer

    def _allowed_headers(self, asked: Headers) -> str:
        named = self._settings.allowed_headers
        requested = asked.get("access-control-request-headers", "") if "*" in named else ""
        every = [*_EXPORTER_HEADERS, *named, *requested.split(",")]
        return ", ".join(_distinct(name.strip().lower() for name in every))

    def _add(self, answer: MutableHeaders, asked: Headers) -> None:
        answer.add_vary_header("Origin")
        origin = asked.get("origin")
        if origin is not None and self._origins.fullmatch(origin):
            answer["Access-Control-Allow-Origin"] = origin
            answer["Access-Control-Allow-Credentials"] = "true"
            answer["Access-Control-Expose-Headers"] = "Retry-After"


def _pattern(origin: str) -> str:
    """`*` stands for any letters; no origin has a slash after its scheme's."""
    return "[^/]*".join(map(re.escape, origin.split("*"))) if origin != "*" else ".*"


def _distinct(names: Iterable[str]) -> list[str]:
    """Each once, in order; an asterisk is no name where credentials are sent."""
    return list(dict.fromkeys(name for name in names if name not in ("", "*")))
