"""So many attempts at once reach one integration; the others wait in the order of their coming."""

import asyncio

from goldeneye.limits import MAX_ATTEMPTS_AT_ONCE
from goldeneye.telemetry import NOTIFICATIONS_WAITING


class Turns:
    """For one event loop; within `async with` a turn is held."""

    def __init__(self, most: int = MAX_ATTEMPTS_AT_ONCE) -> None:
        self._free = asyncio.Semaphore(most)

    async def __aenter__(self) -> None:
        with NOTIFICATIONS_WAITING.track_inprogress():
            await self._free.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
