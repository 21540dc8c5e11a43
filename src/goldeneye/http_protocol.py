"""HTTP/1.1 as uvicorn speaks it, with what follows a good request kept from harming its answer."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


class PatientProtocol(HttpToolsProtocol):
    """Where nonsense follows requests on a connection, they are answered before it is refused.

    Uvicorn refuses at once: the client would take that for the answer to an earlier request.
    """

    _running: RequestResponseCycle | None = None
    _refusal: str | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        if self._refusal is None:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        self._abandon_unfinished()
        if self._running is None or self._running.response_complete:
            super().send_400_response(msg)
        elif self._running.disconnected:
            self._refuse_unfinished(self._running, msg)
        else:
            self._refusal = msg

    def _abandon_unfinished(self) -> None:
        """The request whose body turned out to be nonsense is gone for its reader."""
        cycle = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if self.pipeline and self.pipeline[0][0] is cycle:
                self.pipeline.popleft()

    def _refuse_unfinished(self, cycle: RequestResponseCycle, msg: str) -> None:
        if cycle.response_started:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self._refusal is not None and not self.transport.is_closing():
            super().send_400_response(self._refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        """Uvicorn tells only the newest request; the one under way would write to nobody."""
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)
