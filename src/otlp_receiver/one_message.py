"""The one message of a gRPC call, read within a time."""

import asyncio
from typing import Any, Final

import grpc.aio

from goldeneye.errors import InvalidRequest, Unavailable

_END: Final[Any] = grpc.aio.EOF  # type: ignore[attr-defined]  # the stubs lack it


class MessageReader:
    """Reads for one event loop.

    One timer serves all calls: one for each would cost as much as the reading itself.
    """

    def __init__(self) -> None:
        self._deadlines_s: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def read(
        self, context: "grpc.aio.ServicerContext[bytes, bytes]", timeout_s: float
    ) -> bytes:
        """A second message is refused before there can be a third.

        Raises InvalidRequest, and Unavailable where it takes longer.
        """
        task = asyncio.current_task()
        assert task is not None, "a call is a task"
        self._watch(task, timeout_s)
        try:
            message = await context.read()
            if message is _END:
                raise InvalidRequest("Export takes one message, not none")
            if await context.read() is not _END:
                raise InvalidRequest("Export takes one message, not several")
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise Unavailable(f"the request did not arrive within {timeout_s:.0f} s") from None
        finally:
            del self._deadlines_s[task]
            self._late.discard(task)
        return message

    def _watch(self, task: "asyncio.Task[Any]", timeout_s: float) -> None:
        loop = task.get_loop()
        deadline_s = self._deadlines_s[task] = loop.time() + timeout_s
        if self._timer is not None and self._timer.when() > deadline_s:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = loop.call_at(deadline_s, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what is late; come back when the next would be."""
        self._timer = None
        now_s = loop.time()
        waiting = self._deadlines_s.items()
        for task in [task for task, deadline_s in waiting if deadline_s <= now_s]:
            if task not in self._late:
                self._late.add(task)
                task.cancel()
        left = [deadline_s for task, deadline_s in waiting if task not in self._late]
        if left:
            self._timer = loop.call_at(min(left), self._look, loop)
