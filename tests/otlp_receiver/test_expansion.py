"""Decompression within the budget: what a body becomes is counted before it is there."""

import asyncio
import gzip
import random

import pytest

from goldeneye.errors import RequestTooLarge, Unavailable
from goldeneye.limits import MIB
from otlp_receiver.admission import Budget
from otlp_receiver.compression import gunzip
from otlp_receiver.expansion import expand

LIMIT_BYTES = 4 * MIB


class Watched:
    """gunzip, and how much of the budget is used whenever something has been decompressed."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.holding_bytes = 0
        self.rooms: list[int] = []

    def __call__(self, body: bytes, max_bytes: int) -> bytes:
        self.rooms.append(max_bytes)
        found = gunzip(body, max_bytes)
        self.holding_bytes += len(found)
        assert self.holding_bytes <= self._budget.used <= self._budget.max_size
        return found


async def _held(budget: Budget, watched: Watched, body: bytes, turns: int) -> int:
    """Expand a body and keep it for a while; its size."""
    async with budget.permit(len(body)) as permit:
        found = await expand(watched, body, LIMIT_BYTES, permit)
        assert budget.used >= len(found)
        for _ in range(turns):
            await asyncio.sleep(0)
        watched.holding_bytes -= len(found)
        return len(found)


@pytest.mark.parametrize("size_bytes", [0, 1, 1000, 65_536, MIB + 1, LIMIT_BYTES])
def test_the_permit_is_then_for_what_is_there(size_bytes: int) -> None:
    async def work() -> None:
        budget, data = Budget(LIMIT_BYTES), random.Random(1).randbytes(size_bytes)
        async with budget.permit(1) as permit:
            assert await expand(gunzip, gzip.compress(data, 1), LIMIT_BYTES, permit) == data
            assert budget.used == size_bytes
        assert budget.used == 0

    asyncio.run(work())


def test_usual_telemetry_is_decompressed_once() -> None:
    async def work() -> None:
        budget = Budget(LIMIT_BYTES)
        watched, data = Watched(budget), b"".join(b"attribute %d " % n for n in range(5000))
        body = gzip.compress(data)
        assert len(data) > 3 * len(body)
        await _held(budget, watched, body, 0)
        assert len(watched.rooms) == 1

    asyncio.run(work())


def test_a_bomb_is_given_room_step_by_step_up_to_the_limit() -> None:
    async def work() -> None:
        budget = Budget(2 * LIMIT_BYTES)
        watched, bomb = Watched(budget), gzip.compress(bytes(100 * MIB))
        with pytest.raises(RequestTooLarge, match=f"larger than {LIMIT_BYTES} bytes"):
            await _held(budget, watched, bomb, 0)
        assert watched.rooms == sorted(watched.rooms)
        assert watched.rooms[-1] == LIMIT_BYTES
        assert budget.used == 0

    asyncio.run(work())


def test_many_at_once_never_hold_more_than_the_budget() -> None:
    async def work() -> None:
        budget = Budget(2 * LIMIT_BYTES)
        watched = Watched(budget)
        bodies = [gzip.compress(bytes(size)) for size in (MIB, 10_000, LIMIT_BYTES, 100) * 10]
        sizes = await asyncio.gather(*(_held(budget, watched, body, 5) for body in bodies))
        assert sizes == [MIB, 10_000, LIMIT_BYTES, 100] * 10
        assert budget.used == 0

    asyncio.run(work())


def test_no_room_in_time_is_a_reason_to_come_again() -> None:
    async def work() -> None:
        budget = Budget(LIMIT_BYTES, 0.01)
        await budget.acquire(LIMIT_BYTES - 5000)
        with pytest.raises(Unavailable):
            await _held(budget, Watched(budget), gzip.compress(bytes(MIB)), 0)
        assert budget.used == LIMIT_BYTES - 5000

    asyncio.run(work())
