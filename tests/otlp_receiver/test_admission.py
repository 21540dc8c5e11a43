"""The budget: never exceeded, in order of arrival, always given back."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.errors import Unavailable
from otlp_receiver.admission import Budget

# Long enough never to pass within a test, unless a test waits for it.
LONG_S = 30.0


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def settled() -> None:
    """Let all that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def started(*works: Coroutine[Any, Any, Any]) -> list["asyncio.Task[Any]"]:
    """Tasks that have gone as far as they can, one after another."""
    tasks = []
    for work in works:
        tasks.append(asyncio.create_task(work))
        await settled()
    return tasks


def test_a_permit_is_for_the_block() -> None:
    async def work() -> None:
        budget = Budget(100)
        async with budget.permit(60):
            assert budget.used == 60
            async with budget.permit(40, "other"):
                assert budget.used == 100
        assert budget.used == 0

    run(work())


def test_a_permit_is_given_back_after_an_error() -> None:
    async def work() -> None:
        budget = Budget(100)

        async def fail() -> None:
            async with budget.permit(60) as permit:
                permit.resize(80)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        assert budget.used == 0

    run(work())


def test_what_is_larger_than_all_takes_all() -> None:
    async def work() -> None:
        budget = Budget(100)
        async with budget.permit(10_000):
            assert budget.used == 100
        assert budget.used == 0

    run(work())


def test_those_who_wait_go_on_in_order_of_arrival() -> None:
    async def work() -> None:
        budget, order = Budget(100, LONG_S), []
        await budget.acquire(100)

        async def take(size_bytes: int) -> None:
            await budget.acquire(size_bytes)
            order.append(size_bytes)

        # The small ones would fit earlier, but then the large one might never.
        tasks = await started(take(90), take(5), take(6))
        budget.release(20)
        await settled()
        assert order == []
        budget.release(70)
        await settled()
        assert order == [90]
        budget.release(90)
        await asyncio.gather(*tasks)
        assert order == [90, 5, 6]
        assert budget.used == 10 + 5 + 6

    run(work())


def test_a_wait_that_is_too_long_is_told_to_come_again() -> None:
    async def work() -> None:
        budget = Budget(100, 0.01)
        await budget.acquire(100)
        with pytest.raises(Unavailable, match=r"receiver\.max_in_flight_mib"):
            await budget.acquire(1)
        budget.release(100)
        assert budget.used == 0
        await budget.acquire(100)

    run(work())


def test_one_who_gives_up_lets_the_next_go_on() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        await budget.acquire(50)
        large, small = await started(budget.acquire(80), budget.acquire(50))
        large.cancel()
        await small
        assert large.cancelled()
        assert budget.used == 100

    run(work())


def test_one_who_is_cancelled_with_its_turn_gives_it_back() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        await budget.acquire(100)
        (waiting,) = await started(budget.acquire(100))
        budget.release(100)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert budget.used == 0

    run(work())


def test_a_permit_that_turns_out_smaller_makes_room() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        async with budget.permit(100) as permit:
            (waiting,) = await started(budget.acquire(60))
            permit.resize(40)
            await waiting
            assert budget.used == 100
        assert budget.used == 60

    run(work())


def test_a_permit_grows_when_there_is_room() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        async with budget.permit(30) as permit, budget.permit(30, "b") as other:
            (growing,) = await started(permit.grow(80))
            assert budget.used == 60
            other.resize(20)
            await growing
            assert budget.used == 100
            await permit.grow(10)
            assert budget.used == 100
        assert budget.used == 0

    run(work())


def test_a_permit_that_cannot_grow_stays_as_it_is() -> None:
    async def work() -> None:
        budget = Budget(100, 0.01)
        async with budget.permit(30) as permit, budget.permit(30, "b"):
            with pytest.raises(Unavailable):
                await permit.grow(80)
            assert budget.used == 60
        assert budget.used == 0

    run(work())


def test_the_waits_of_one_permit_are_bounded_together() -> None:
    async def work() -> None:
        budget = Budget(100, 1.0)
        await budget.acquire(100)
        started_s = asyncio.get_running_loop().time()
        async with asyncio.timeout(LONG_S):
            asyncio.get_running_loop().call_later(0.8, budget.release, 50)
            async with budget.permit(50) as permit:
                with pytest.raises(Unavailable):
                    await permit.grow(60)
        assert asyncio.get_running_loop().time() - started_s < 1.6

    run(work())


def test_peers_take_turns() -> None:
    async def work() -> None:
        budget, order = Budget(100, LONG_S), []
        await budget.acquire(100)

        async def take(peer: str) -> None:
            await budget.acquire(40, peer)
            order.append(peer)
            budget.release(40)

        tasks = await started(*(take("greedy") for _ in range(5)), take("modest"), take("other"))
        budget.release(100)
        await asyncio.gather(*tasks)
        assert order == ["greedy", "modest", "other", *["greedy"] * 4]

    run(work())


def test_one_peer_cannot_fill_the_budget_with_bodies_that_do_not_come() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        async with budget.permit(30, "slow") as first, budget.permit(20, "slow"):
            (third,) = await started(budget.permit(20, "slow").__aenter__())
            assert (budget.used, third.done()) == (50, False)
            async with budget.permit(50, "other"):
                assert budget.used == 100
            first.arrived()
            await third
            assert budget.used == 70
        assert budget.used == 20

    run(work())


def test_one_large_body_may_take_more_than_a_peers_share() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        async with budget.permit(90, "only"):
            assert budget.used == 90

    run(work())


def test_what_grows_while_it_is_read_counts_as_unread() -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)
        async with budget.permit(10, "slow") as permit:
            await permit.wait(30)
            permit.resize(45)
            (more,) = await started(budget.permit(10, "slow").__aenter__())
            assert not more.done()
            permit.resize(40)
            await more
        assert budget.used == 10

    run(work())


steps = st.tuples(
    st.integers(1, 120), st.integers(0, 3), st.booleans(), st.sampled_from("abc"), st.booleans()
)


@given(st.lists(steps, max_size=30))
def test_whatever_happens_it_is_never_exceeded_and_all_is_given_back(
    plan: list[tuple[int, int, bool, str, bool]],
) -> None:
    async def work() -> None:
        budget = Budget(100, LONG_S)

        async def use(size_bytes: int, turns: int, peer: str, arrives: bool) -> None:
            async with budget.permit(size_bytes, peer) as permit:
                if arrives:
                    permit.arrived()
                for _ in range(turns):
                    assert budget.used <= 100
                    await asyncio.sleep(0)

        tasks = []
        for size_bytes, turns, is_cancelled, peer, arrives in plan:
            tasks.append(asyncio.create_task(use(size_bytes, turns, peer, arrives)))
            await asyncio.sleep(0)
            if is_cancelled:
                tasks[len(tasks) // 2].cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(e is None or isinstance(e, asyncio.CancelledError) for e in ended)
        assert budget.used == 0

    run(work())
