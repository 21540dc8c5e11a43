"""An ASGI application on a socket of ours, inside the process's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goldeneye.addresses import join_endpoint, split_endpoint
from goldeneye.errors import StartupError
from goldeneye.http_connection import HttpConnection
from goldeneye.tls import Tls

# Uvicorn looks every 0.1 s whether it is to stop, and pauses for as long before it drains.
_SHUTDOWN_OVERHEAD_S: Final = 0.5


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its signal handlers: the process stops as a whole."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _CutOff:
    """The application, whose requests are told to come again where a stop cuts them off.

    Uvicorn would answer 500, for which senders of telemetry give up what they send.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            if not started:
                headers = [(b"retry-after", b"1"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 503, "headers": headers})
                await send({"type": "http.response.body", "body": b""})


class HttpServer:
    """Serves `app` at `endpoint` between `start` and `stop`."""

    def __init__(
        self, app: ASGIApp, endpoint: str, purpose: str, key: str, tls: Tls | None = None
    ) -> None:
        self._config = uvicorn.Config(
            _CutOff(app),
            http=HttpConnection,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            ssl_context_factory=None if tls is None else lambda *_: tls.context(),
            timeout_keep_alive=95,
        )
        self._server = _Uvicorn(self._config)
        self._socket = bind(endpoint, purpose, key)
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it listens, with the port that the system chose where 0 was asked for."""
        host, port = self._socket.getsockname()[:2]
        return join_endpoint(host, port)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError(f"the server at {self.address} ended while starting")
            await asyncio.sleep(0.002)

    async def stop(self, timeout_s: float) -> None:
        """Stop accepting, answer what is in flight, close."""
        # Uvicorn cancels what is left just before we would give up on it.
        left_s = max(timeout_s - _SHUTDOWN_OVERHEAD_S, 0.0)
        self._config.timeout_graceful_shutdown = left_s  # type: ignore[assignment]
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.wait_for(asyncio.shield(self._task), timeout_s)


def bind(endpoint: str, purpose: str, key: str) -> socket.socket:
    """A listening socket; StartupError names the endpoint, its purpose and the key to change."""
    host, port = split_endpoint(endpoint)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise StartupError(
            f"cannot listen on {endpoint} for {purpose}: {error.strerror}. "
            f"End what listens there, or set {key} to another address."
        ) from error
    listener.setblocking(False)
    return listener
