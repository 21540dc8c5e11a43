"""Messages are read within a time of their own, which one timer keeps for all."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from goldeneye.errors import InvalidRequest, Unavailable
from otlp_receiver.one_message import _END, MessageReader

_SOON_S = 0.05
_LATE_S = 3_600.0


class Call:
    """A call's context: what it reads comes when it is put there."""

    def __init__(self, *messages: Any) -> None:
        self._arrived: asyncio.Queue[Any] = asyncio.Queue()
        for message in messages:
            self.put(message)

    def put(self, message: Any) -> None:
        self._arrived.put_nowait(message)

    async def read(self) -> Any:
        return await self._arrived.get()


def run(test: Callable[[MessageReader], Coroutine[Any, Any, None]]) -> None:
    async def reading() -> None:
        await test(MessageReader())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(reading())


@pytest.mark.parametrize(
    ("messages", "said"),
    [((_END,), "not none"), ((b"1", b"2"), "not several")],
    ids=["none", "several"],
)
def test_there_is_one(messages: tuple[Any, ...], said: str) -> None:
    async def test(reader: MessageReader) -> None:
        with pytest.raises(InvalidRequest, match=said):
            await reader.read(Call(*messages), _LATE_S)  # type: ignore[arg-type]

    run(test)


def test_who_is_late_is_refused_and_no_other() -> None:
    async def test(reader: MessageReader) -> None:
        calls = [Call() for _ in range(4)]
        times_s = [_LATE_S, _SOON_S, 2 * _SOON_S, _LATE_S]
        tasks = [
            asyncio.create_task(reader.read(call, time_s))  # type: ignore[arg-type]
            for call, time_s in zip(calls, times_s, strict=True)
        ]
        for late in tasks[1:3]:
            with pytest.raises(Unavailable):
                await late
            assert not late.cancelling()
        for number in (0, 3):
            assert not tasks[number].done()
            calls[number].put(b"%d" % number)
            calls[number].put(_END)
        assert [await tasks[0], await tasks[3]] == [b"0", b"3"]

    run(test)


def test_who_leaves_is_cancelled() -> None:
    async def test(reader: MessageReader) -> None:
        task = asyncio.create_task(reader.read(Call(b"1"), _LATE_S))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(test)
