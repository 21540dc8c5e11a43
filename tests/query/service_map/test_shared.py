"""Who shares one reading, and who does not."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from goldeneye.errors import QueryLate
from query.service_map.shared import Shared

LONG_S = 20.0


class Turns:
    """Numbers each making, which ends when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.count = 0
        self.failing = False

    def make(self) -> int:
        self.count += 1
        mine = self.count
        self.begun.release()
        assert self.let_go.acquire(timeout=LONG_S)
        if self.failing:
            raise RuntimeError
        return mine


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def _waiting(shared: Shared[int]) -> None:
    """Until the next one is asked for, and another waits for that."""
    while "key" not in shared._next or not shared._next["key"]._condition._waiters:  # type: ignore[attr-defined]
        threading.Event().wait(0.001)


def test_those_who_ask_meanwhile_share_the_next(pool: ThreadPoolExecutor) -> None:
    shared: Shared[int] = Shared()
    turns = Turns()
    first = pool.submit(shared.of, "key", LONG_S, turns.make)
    assert turns.begun.acquire(timeout=LONG_S)
    others = [pool.submit(shared.of, "key", LONG_S, turns.make) for _ in range(2)]
    _waiting(shared)
    turns.let_go.release(2)
    assert first.result(LONG_S) == 1
    assert [other.result(LONG_S) for other in others] == [2, 2]
    assert turns.count == 2


def test_other_keys_do_not_wait(pool: ThreadPoolExecutor) -> None:
    shared: Shared[int] = Shared()
    turns = Turns()
    first = pool.submit(shared.of, "key", LONG_S, turns.make)
    assert turns.begun.acquire(timeout=LONG_S)
    assert shared.of("another", LONG_S, lambda: 7) == 7
    turns.let_go.release()
    assert first.result(LONG_S) == 1


def test_where_it_fails_the_others_try_themselves(pool: ThreadPoolExecutor) -> None:
    shared: Shared[int] = Shared()
    turns = Turns()
    turns.failing = True
    first = pool.submit(shared.of, "key", LONG_S, turns.make)
    assert turns.begun.acquire(timeout=LONG_S)
    others = [pool.submit(shared.of, "key", LONG_S, turns.make) for _ in range(2)]
    _waiting(shared)
    turns.let_go.release(3)
    for one in (first, *others):
        with pytest.raises(RuntimeError):
            one.result(LONG_S)
    assert turns.count == 3


def test_who_waits_too_long_is_told(pool: ThreadPoolExecutor) -> None:
    shared: Shared[int] = Shared()
    turns = Turns()
    first = pool.submit(shared.of, "key", LONG_S, turns.make)
    assert turns.begun.acquire(timeout=LONG_S)
    with pytest.raises(QueryLate, match="ask again"):
        shared.of("key", 0.01, turns.make)
    turns.let_go.release()
    assert first.result(LONG_S) == 1
    assert shared.of("key", LONG_S, lambda: 5) == 5
