"""From waiting bodies to durable rows: groups, single commits, and who is told what."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from support.committer import RecordingCommitter
from support.heavy_requests import message
from support.held_decoder import HeldDecoder
from support.requests import ONE_SPAN_JSON, points, records, spans

from goldeneye.clock import ManualClock
from goldeneye.decoded import BodyResult
from goldeneye.errors import StorageUnavailable, Unavailable
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, Encoding, Signal, well_known_keys
from otlp_receiver.decoding.choose import decoder
from otlp_receiver.pipeline import Pipeline

TIMEOUT_S = 20.0
DECODER = decoder(well_known_keys())


class Bench:
    """A pipeline over a decoder and a committer that can be held."""

    def __init__(self) -> None:
        self.decoder = HeldDecoder(DECODER)
        self.committer = RecordingCommitter()
        self.clock = ManualClock()
        self.broken: list[BaseException] = []
        self.pipeline = Pipeline(self.decoder, self.committer, self.clock, self.broken.append)
        self.pipeline.start()

    async def submit(
        self, body: bytes, signal: Signal = "traces", encoding: Encoding = "protobuf"
    ) -> BodyResult:
        return await self.pipeline.submit(DEFAULT_TENANT, signal, encoding, body)

    def later(self, *args: Any) -> "asyncio.Task[BodyResult]":
        return asyncio.create_task(self.submit(*args))

    async def decoding(self) -> None:
        """Wait until the decoder has been called once more."""
        await asyncio.to_thread(self.decoder.await_call)

    async def committing(self) -> None:
        await asyncio.to_thread(self.committer.await_commit)


def run(test: Callable[[Bench], Coroutine[Any, Any, None]]) -> Bench:
    """The test on a bench, which must end whole."""
    bench = Bench()
    asyncio.run(test(bench))
    bench.decoder.open.set()
    assert bench.pipeline.stop(TIMEOUT_S)
    assert not bench.broken
    return bench


async def turn() -> None:
    """Let tasks begin."""
    await asyncio.sleep(0)


def test_an_answer_comes_only_after_the_commit() -> None:
    async def test(bench: Bench) -> None:
        with bench.committer.held():
            task = bench.later(spans(1))
            await bench.committing()
            assert not task.done()
        assert (await task).accepted == 1
        assert bench.committer.bodies == [spans(1)]

    run(test)


def test_those_who_wait_are_decoded_together_and_share_one_commit() -> None:
    async def test(bench: Bench) -> None:
        bench.decoder.open.clear()
        first = bench.later(spans(1))
        await bench.decoding()
        others = [bench.later(spans(count)) for count in range(2, 52)]
        await turn()
        bench.decoder.open.set()
        results = await asyncio.gather(first, *others)
        assert [result.accepted for result in results] == list(range(1, 52))

    bench = run(test)
    assert bench.decoder.calls == [("traces", "protobuf", 1), ("traces", "protobuf", 50)]
    assert len(bench.committer.commits) <= 2
    assert bench.committer.bodies == [spans(count) for count in range(1, 52)]


def test_groups_that_wait_for_the_commit_share_it() -> None:
    async def test(bench: Bench) -> None:
        with bench.committer.held():
            tasks = [bench.later(spans(1))]
            await bench.decoding()
            await bench.committing()
            for signal, body in (
                ("traces", spans(2)),
                ("logs", records(3)),
                ("metrics", points(4)),
            ):
                tasks.append(bench.later(body, signal))
                await bench.decoding()
        assert [result.accepted for result in await asyncio.gather(*tasks)] == [1, 2, 3, 4]

    bench = run(test)
    assert [len(groups) for groups in bench.committer.commits] in ([1, 3], [1, 2, 1])


def test_signals_and_encodings_are_apart() -> None:
    async def test(bench: Bench) -> None:
        bench.decoder.open.clear()
        first = bench.later(spans(1))
        await bench.decoding()
        others = [
            bench.later(spans(2)),
            bench.later(ONE_SPAN_JSON, "traces", "json"),
            bench.later(records(3), "logs"),
            bench.later(spans(4)),
        ]
        await turn()
        bench.decoder.open.set()
        results = await asyncio.gather(first, *others)
        assert [result.accepted for result in results] == [1, 2, 1, 3, 4]

    assert run(test).decoder.calls[1:] == [
        ("traces", "protobuf", 2),
        ("traces", "json", 1),
        ("logs", "protobuf", 1),
    ]


def test_a_wrong_body_does_not_touch_the_others() -> None:
    async def test(bench: Bench) -> None:
        bench.decoder.open.clear()
        first = bench.later(b"")
        await bench.decoding()
        others = [
            bench.later(body) for body in (spans(1), b"\xff", spans(2, 3), spans(0, 4), spans(5))
        ]
        await turn()
        bench.decoder.open.set()
        results = await asyncio.gather(first, *others)
        assert [result.accepted for result in results] == [0, 1, 0, 2, 0, 5]
        assert [result.rejected_count for result in results] == [0, 0, 0, 3, 4, 0]
        assert [result.error is None for result in results] == [True, True, False, True, True, True]

    bench = run(test)
    # What has nothing to keep is not handed on.
    assert bench.committer.bodies == [spans(1), spans(2, 3), spans(5)]
    assert bench.committer.rows == 8


def test_nothing_to_keep_needs_no_commit() -> None:
    async def test(bench: Bench) -> None:
        bench.committer.fault = StorageUnavailable("the disk is full")
        assert (await bench.submit(b"")).accepted == 0
        assert (await bench.submit(b"\xff")).error
        assert (await bench.submit(spans(0, 2))).rejected_count == 2

    assert not run(test).committer.commits


def test_when_nothing_can_be_kept_only_those_with_something_to_keep_fail() -> None:
    async def test(bench: Bench) -> None:
        bench.committer.fault = StorageUnavailable("the disk is full")
        bench.decoder.open.clear()
        first = bench.later(b"")
        await bench.decoding()
        others = [bench.later(body) for body in (spans(1), b"\xff", spans(1, 1))]
        await turn()
        bench.decoder.open.set()
        await first
        good, wrong, partial = await asyncio.gather(*others, return_exceptions=True)
        assert isinstance(good, StorageUnavailable)
        assert isinstance(partial, StorageUnavailable)
        assert isinstance(wrong, BodyResult)
        assert wrong.error
        bench.committer.fault = None
        assert (await bench.submit(spans(1))).accepted == 1

    assert run(test).committer.bodies == [spans(1)]


def test_what_was_replayed_is_answered_without_being_kept_again() -> None:
    async def test(bench: Bench) -> None:
        again, new = spans(3, 2), spans(4)
        bench.committer.replayed_bodies = {again}
        bench.decoder.open.clear()
        first = bench.later(b"")
        await bench.decoding()
        tasks = [bench.later(body) for body in (again, new, again)]
        await turn()
        bench.decoder.open.set()
        await first
        results = await asyncio.gather(*tasks)
        assert [(r.accepted, r.rejected_count) for r in results] == [(3, 2), (4, 0), (3, 2)]

    assert run(test).committer.bodies == [spans(4)]


def test_each_body_keeps_its_own_time_of_arrival() -> None:
    async def test(bench: Bench) -> None:
        bench.decoder.open.clear()
        tasks = []
        for _ in range(3):
            tasks.append(bench.later(spans(1)))
            await turn()
            bench.clock.advance(1)
        bench.decoder.open.set()
        await asyncio.gather(*tasks)

    bench = run(test)
    start_ns = ManualClock().now_ns()
    times = [time_ns for group in bench.committer.groups for time_ns in group.received_time_ns]
    assert times == [start_ns + second * 10**9 for second in range(3)]


def test_a_group_is_bounded() -> None:
    async def test(bench: Bench) -> None:
        bench.decoder.open.clear()
        first = bench.later(b"")
        await bench.decoding()
        many = [bench.later(b"") for _ in range(1_500)]
        large = [bench.later(bytes(9 * MIB)) for _ in range(3)]
        await turn()
        bench.decoder.open.set()
        await asyncio.gather(first, *many, *large)

    calls = [count for _, _, count in run(test).decoder.calls]
    # No more than 1,024 bodies, no more than 16 MiB, but always one.
    assert calls == [1, 1_024, 477, 1, 1]


def test_a_client_that_is_gone_does_not_disturb_the_others() -> None:
    async def test(bench: Bench) -> None:
        with bench.committer.held():
            gone, there = bench.later(spans(1)), bench.later(spans(2))
            await bench.committing()
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        assert (await there).accepted == 2

    run(test)


def test_stopping_answers_what_was_submitted_takes_no_more_and_waits_no_longer_than_told() -> None:
    async def test(bench: Bench) -> None:
        with bench.committer.held():
            tasks = [bench.later(spans(1)), bench.later(records(2), "logs")]
            await bench.committing()
            assert not await asyncio.to_thread(bench.pipeline.stop, 0.01)
            with pytest.raises(Unavailable, match="stopping"):
                await bench.submit(spans(3))
        assert await asyncio.to_thread(bench.pipeline.stop, TIMEOUT_S)
        assert [result.accepted for result in await asyncio.gather(*tasks)] == [1, 2]

    assert len(run(test).committer.bodies) == 2


@pytest.mark.parametrize("broken", ["decode", "commit", "replayed"])
def test_what_must_not_happen_stops_the_process_and_acknowledges_nothing(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, ended = RuntimeError("a broken invariant"), threading.Event()
    committer, held = RecordingCommitter(), HeldDecoder(DECODER)

    def fail(*_: Any) -> Any:
        raise fault

    monkeypatch.setattr(held if broken == "decode" else committer, broken, fail)
    monkeypatch.setattr(threading, "excepthook", lambda _: ended.set())
    found: list[BaseException] = []
    pipeline = Pipeline(held, committer, ManualClock(), found.append)

    async def test() -> None:
        task = asyncio.create_task(pipeline.submit(DEFAULT_TENANT, "traces", "protobuf", spans(1)))
        assert await asyncio.to_thread(ended.wait, TIMEOUT_S)
        assert not task.done()
        task.cancel()

    pipeline.start()
    asyncio.run(test())
    assert found == [fault]
    assert not committer.commits


def test_a_request_whose_client_is_gone_does_not_wait_on() -> None:
    async def test(bench: Bench) -> None:
        bench.decoder.open.clear()
        first = bench.later(spans(1))
        await bench.decoding()
        gone, kept = bench.later(spans(2)), bench.later(spans(3))
        await turn()
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        bench.decoder.open.set()
        assert (await first).accepted == 1
        assert (await kept).accepted == 3
        assert bench.committer.bodies == [spans(1), spans(3)]

    run(test)


def test_small_items_make_small_groups() -> None:
    """A record takes two bytes to send, and several hundred to hold."""

    async def test(bench: Bench) -> None:
        empty = message(1, message(2, b"\x12\x00" * 50_000))
        items = await bench.pipeline.items("logs", "protobuf", empty)
        assert items == 50_000
        bench.decoder.open.clear()
        first = bench.later(records(1), "logs")
        await bench.decoding()
        tasks = [
            asyncio.create_task(
                bench.pipeline.submit(DEFAULT_TENANT, "logs", "protobuf", empty, items)
            )
            for _ in range(5)
        ]
        await turn()
        bench.decoder.open.set()
        await asyncio.gather(first, *tasks)
        assert [bodies for _, _, bodies in bench.decoder.calls] == [1, 2, 2, 1]

    run(test)
