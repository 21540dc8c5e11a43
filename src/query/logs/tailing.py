"""The live tail's listeners: how many may be there, and what each is given for how long."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from goldeneye.endless import AT_STOP
from goldeneye.errors import Unavailable
from goldeneye.snapshot import HotChunk
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.logs.arrivals import Arrivals
from query.logs.tail import MAX_WAITING_ROWS, Matches, events, matches_of
from query.pool import Cancellation
from query.service import QueryService

# Each of them asks a worker up to four times a second.
_MAX_CLIENTS: Final = 32

# Does work in a thread, for as long as the client is there.
Run = Callable[[Callable[[Cancellation], Matches]], Awaitable[Matches]]


class Tails:
    """The clients that listen now; used in the event loop."""

    def __init__(self, service: QueryService) -> None:
        self._service = service
        self._clients = 0

    def stream(
        self, condition: Condition, run: Run, scope: MutableMapping[str, Any]
    ) -> AsyncIterator[bytes]:
        """Events until the client goes or the server stops, which `scope` is told how to say.

        Raises Unavailable.
        """
        if self._clients >= _MAX_CLIENTS:
            raise Unavailable(f"{_MAX_CLIENTS} clients listen already", retry_delay_s=10)
        return self._events(condition, run, scope)

    async def _events(
        self, condition: Condition, run: Run, scope: MutableMapping[str, Any]
    ) -> AsyncIterator[bytes]:
        arrivals = Arrivals(MAX_WAITING_ROWS)
        scope[AT_STOP] = arrivals.end

        async def search(chunks: Sequence[HotChunk]) -> Matches:
            return await run(
                lambda leaving: matches_of(Reader(self._service, leaving), chunks, condition)
            )

        self._clients += 1
        try:
            with self._service.watch("logs", arrivals.add):
                async with aclosing(events(arrivals, search)) as stream:
                    async for event in stream:
                        yield event
        finally:
            self._clients -= 1
