"""One reading for all who ask for the same before it begins."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from goldeneye.errors import QueryLate

Result = TypeVar("Result")


class Shared(Generic[Result]):
    """Of each key one thing is made at a time; any thread may ask.

    Who asks meanwhile waits for the next, which sees what there was when it was asked for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[Hashable, Future[Result | None]] = {}
        self._making: WeakValueDictionary[Hashable, threading.Lock] = WeakValueDictionary()

    def of(self, key: Hashable, timeout_s: float, make: Callable[[], Result]) -> Result:
        """What `make` returned, ours or another's. Raises QueryLate, and what our own raised."""
        while True:
            with self._lock:
                theirs = self._next.get(key)
                if theirs is None:
                    ours = self._next[key] = Future()
                    turn = self._making.setdefault(key, threading.Lock())
            if theirs is None:
                return self._made(key, turn, ours, timeout_s, make)
            found = _awaited(theirs, timeout_s)
            if found is not None:
                return found

    def _made(
        self,
        key: Hashable,
        turn: threading.Lock,
        ours: "Future[Result | None]",
        timeout_s: float,
        make: Callable[[], Result],
    ) -> Result:
        found: Result | None = None
        in_turn = turn.acquire(timeout=timeout_s)
        try:
            with self._lock:
                del self._next[key]
            if not in_turn:
                raise _late(timeout_s)
            found = make()
            return found
        finally:
            if in_turn:
                turn.release()
            # Where it failed, the others try for themselves: it may have been cancelled.
            ours.set_result(found)


def _awaited(theirs: "Future[Result | None]", timeout_s: float) -> Result | None:
    try:
        return theirs.result(timeout_s)
    except Late:
        raise _late(timeout_s) from None


def _late(timeout_s: float) -> QueryLate:
    return QueryLate(f"other questions read the same for {timeout_s:g} s: ask again")
