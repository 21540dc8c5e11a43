"""The ordered stop."""

import asyncio

from goldeneye.clock import ManualClock
from goldeneye.lifecycle import Lifecycle


def test_cleanups_run_in_reverse_with_the_time_that_is_left() -> None:
    clock, seen = ManualClock(), []

    async def scenario() -> bool:
        lifecycle = Lifecycle(clock)

        async def first(timeout_s: float) -> None:
            seen.append(("first", timeout_s))

        async def second(timeout_s: float) -> None:
            seen.append(("second", timeout_s))
            clock.advance(3)

        lifecycle.push("first", first)
        lifecycle.push("second", second)
        return await lifecycle.stop(9)

    assert asyncio.run(scenario())
    assert seen == [("second", 9), ("first", 6)]


def test_a_failing_part_does_not_keep_the_others_running() -> None:
    seen = []

    async def scenario() -> bool:
        lifecycle = Lifecycle(ManualClock())

        async def stopped(_: float) -> None:
            seen.append("stopped")

        async def failing(_: float) -> None:
            raise RuntimeError("stuck")

        lifecycle.push("stopped", stopped)
        lifecycle.push("failing", failing)
        return await lifecycle.stop(9)

    assert not asyncio.run(scenario())
    assert seen == ["stopped"]
