"""Own the start and the stop: each thing started pushes a named cleanup, run in reverse."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from goldeneye.clock import Clock

log = structlog.get_logger(__name__)
Cleanup = Callable[[float], Awaitable[None]]


class Lifecycle:
    """The cleanups of what runs; each is given the seconds that are left when its turn comes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cleanups: list[tuple[str, Cleanup]] = []

    def push(self, name: str, cleanup: Cleanup) -> None:
        """Remember how to stop what has just started."""
        self._cleanups.append((name, cleanup))

    async def stop(self, timeout_s: float) -> bool:
        """Run all cleanups, newest first, within `timeout_s` together; False where one failed."""
        deadline_s = self._clock.monotonic_s() + timeout_s
        clean = True
        while self._cleanups:
            name, cleanup = self._cleanups.pop()
            left_s = max(0.1, deadline_s - self._clock.monotonic_s())
            try:
                await asyncio.wait_for(cleanup(left_s), left_s + 0.5)
            except Exception as error:  # the others must still be stopped
                clean = False
                log.error("stopping failed", part=name, error=repr(error))
        return clean
