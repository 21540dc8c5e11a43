"""The live tail's connection: who listens, for how long, and how many may."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from goldeneye.errors import Unavailable
from goldeneye.http_connection import AT_STOP
from goldeneye.snapshot import HotChunk
from query.asking.api import Asking
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.logs.arrivals import Arrivals
from query.logs.tail import MAX_WAITING_ROWS, Matches, events, matches_of

# Each of them asks a worker up to four times a second.
_MAX_CLIENTS: Final = 32
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Tails:
    """The clients that listen now; used in the event loop."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._clients = 0

    def stream(self, request: Request, condition: Condition) -> Response:
        """Events until the client goes or the server stops; raises Unavailable."""
        if self._clients >= _MAX_CLIENTS:
            raise Unavailable(f"{_MAX_CLIENTS} clients listen already", retry_delay_s=10)
        return StreamingResponse(
            self._events(request, condition), media_type="text/event-stream", headers=_HEADERS
        )

    async def _events(self, request: Request, condition: Condition) -> AsyncIterator[bytes]:
        arrivals = Arrivals(MAX_WAITING_ROWS)
        request.scope[AT_STOP] = arrivals.end

        async def search(chunks: Sequence[HotChunk]) -> Matches:
            return await self._asking.run(
                request,
                lambda leaving: matches_of(
                    Reader(self._asking.service, leaving), chunks, condition
                ),
            )

        self._clients += 1
        try:
            with self._asking.service.watch("logs", arrivals.add):
                async with aclosing(events(arrivals, search)) as stream:
                    async for event in stream:
                        yield event
        finally:
            self._clients -= 1
