"""Decompression within the budget: room for what a body becomes is taken before it is there."""

import asyncio
from collections.abc import Callable
from typing import Final

from goldeneye.errors import RequestTooLarge
from goldeneye.limits import MIB
from otlp_receiver.admission import Permit

# Most telemetry becomes no more than this many times its compressed size.
USUAL_RATIO: Final = 16
# For what becomes more, each further attempt has this many times the room of the one before.
_NEXT_RATIO: Final = 8
# More than this is decompressed in a thread, so that the others do not wait.
_SMALL_BYTES: Final = MIB


async def expand(
    decompress: Callable[[bytes, int], bytes], body: bytes, max_bytes: int, permit: Permit
) -> bytes:
    """The body decompressed, of at most `max_bytes`; the permit is then for just that much.

    Raises RequestTooLarge, and Unavailable where there is no room in time.
    """
    room_bytes = min(max(len(body), 1) * USUAL_RATIO, max_bytes)
    while True:
        await permit.grow(room_bytes)
        try:
            found = await _run(decompress, body, room_bytes)
        except RequestTooLarge:
            if room_bytes == max_bytes:
                raise
            room_bytes = min(room_bytes * _NEXT_RATIO, max_bytes)
            # Those that wait for room must not hold what others wait for.
            permit.resize(len(body))
        else:
            permit.resize(len(found))
            return found


async def _run(decompress: Callable[[bytes, int], bytes], body: bytes, room_bytes: int) -> bytes:
    if room_bytes <= _SMALL_BYTES:
        return decompress(body, room_bytes)
    return await asyncio.to_thread(decompress, body, room_bytes)
