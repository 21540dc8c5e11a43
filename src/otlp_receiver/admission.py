"""The bytes in flight: one budget for all requests, taken before a body is read."""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from goldeneye.errors import Unavailable
from goldeneye.limits import ADMISSION_TIMEOUT_S
from goldeneye.telemetry import IN_FLIGHT_BYTES


class Budget:
    """`max_bytes` shared in order of arrival, so that large requests are not starved.

    Belongs to one event loop.
    """

    def __init__(self, max_bytes: int, timeout_s: float = ADMISSION_TIMEOUT_S) -> None:
        self.max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._used_bytes = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def permit(self, size_bytes: int) -> "Permit":
        """A share of the budget for the length of an `async with`."""
        return Permit(self, size_bytes)

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    async def acquire(self, size_bytes: int) -> None:
        """Take a share, waiting for it; Unavailable where the wait is too long."""
        size_bytes = min(size_bytes, self.max_bytes)
        if not self._waiting and self._used_bytes + size_bytes <= self.max_bytes:
            self.add(size_bytes)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size_bytes, turn))
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.shield(turn)
        except (TimeoutError, asyncio.CancelledError) as error:
            self._give_up(size_bytes, turn)
            if isinstance(error, asyncio.CancelledError):
                raise
            raise Unavailable(
                f"{self.max_bytes} bytes of requests are in flight already "
                "(receiver.max_in_flight_mib); try again"
            ) from None

    def _give_up(self, size_bytes: int, turn: "asyncio.Future[None]") -> None:
        if turn.done():
            self.release(size_bytes)
            return
        self._waiting.remove((size_bytes, turn))
        turn.cancel()
        self._grant()

    def add(self, size_bytes: int) -> None:
        """Take without waiting: bytes that are in memory already."""
        self._used_bytes += size_bytes
        IN_FLIGHT_BYTES.set(self._used_bytes)

    def release(self, size_bytes: int) -> None:
        self._used_bytes -= size_bytes
        IN_FLIGHT_BYTES.set(self._used_bytes)
        self._grant()

    def _grant(self) -> None:
        while self._waiting and self._used_bytes + self._waiting[0][0] <= self.max_bytes:
            size_bytes, turn = self._waiting.popleft()
            if not turn.done():
                self.add(size_bytes)
                turn.set_result(None)


class Permit:
    """A share of a budget; given back at the end of the `async with`, however that comes."""

    def __init__(self, budget: Budget, size_bytes: int) -> None:
        self._budget = budget
        self._size_bytes = min(size_bytes, budget.max_bytes)

    async def __aenter__(self) -> Self:
        await self._budget.acquire(self._size_bytes)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._budget.release(self._size_bytes)

    async def grow(self, size_bytes: int) -> None:
        """Hold at least this much, waiting for it; Unavailable where the wait is too long."""
        size_bytes = min(size_bytes, self._budget.max_bytes)
        if size_bytes > self._size_bytes:
            await self._budget.acquire(size_bytes - self._size_bytes)
            self._size_bytes = size_bytes

    def resize(self, size_bytes: int) -> None:
        """What was read turned out larger or smaller than what was asked for."""
        if size_bytes > self._size_bytes:
            self._budget.add(size_bytes - self._size_bytes)
        else:
            self._budget.release(self._size_bytes - size_bytes)
        self._size_bytes = size_bytes
