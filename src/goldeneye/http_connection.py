"""One HTTP connection that cannot be held open by sending slowly, or by never ending a head."""

from asyncio import TimerHandle
from typing import Any, Final

from goldeneye.endless import AT_STOP
from goldeneye.http_protocol import PatientProtocol
from goldeneye.limits import (
    HTTP_HEAD_TIMEOUT_S,
    HTTP_MAX_HEAD_BYTES,
    HTTP_REQUEST_TIMEOUT_S,
)

_ANSWER: Final = (
    b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
)


class HttpConnection(PatientProtocol):
    """uvicorn's own has a limit for idle connections only.

    A head must be whole within `HTTP_HEAD_TIMEOUT_S` of the connection or of its first byte, and
    a request within `HTTP_REQUEST_TIMEOUT_S` of its head, whether it was answered before or not.
    Bytes that move a request on to nothing (a head without end, trailers) are bounded too.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._watch: TimerHandle | None = None
        self._is_in_head = True
        self._idle_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def shutdown(self) -> None:
        """A stream without an end of its own is told to end; others are waited for."""
        super().shutdown()
        running: Any = self._running
        if running is not None and AT_STOP in running.scope:
            running.scope[AT_STOP]()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._idle_bytes += len(data)
        super().data_received(data)
        if self._idle_bytes > HTTP_MAX_HEAD_BYTES and not self.transport.is_closing():
            self._end(b"431 Request Header Fields Too Large", b"the request's head is too large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._idle_bytes = 0
        self._watch_for(HTTP_REQUEST_TIMEOUT_S)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._idle_bytes = 0
        self._unwatch()
        super().on_message_complete()

    def _await_head(self) -> None:
        self._is_in_head = True
        self._watch_for(HTTP_HEAD_TIMEOUT_S)

    def _watch_for(self, seconds: float) -> None:
        self._unwatch()
        self._watch = self.loop.call_later(seconds, self._too_late)

    def _unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _too_late(self) -> None:
        self._end(b"408 Request Timeout", b"the request's head did not arrive in time")

    def _end(self, status: bytes, text: bytes) -> None:
        """Close, with an answer where somebody asked and nobody else answers."""
        # Where a refusal waits for an earlier answer, it closes behind that.
        if self.transport.is_closing() or self._refusal is not None:
            return
        is_asked = self._is_in_head and self._idle_bytes > 0
        if is_asked and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(_ANSWER % (status, len(text), text))
        self.transport.close()
