"""Requests that wait for the decoder: what a group costs, whatever is in it, falls on many."""

import contextlib
import threading
import time
from collections import deque
from typing import Final, Generic, Protocol, TypeVar

from goldeneye.errors import Unavailable
from goldeneye.limits import MIB

# Bounds of one decoding call: large enough to share its fixed cost, small enough to answer soon.
_MAX_GROUP_BYTES: Final = 16 * MIB
_MAX_GROUP_BODIES: Final = 1_024
_MAX_GROUP_ITEMS: Final = 131_072
# Where several clients send at once, a group is given this long to gather (docs/benchmarks.md).
_GATHER_S: Final = 0.006
# So much needs no more company.
_WORTH_A_GROUP_BYTES: Final = MIB // 2


class Waiting(Protocol):
    """What a group is bounded by."""

    @property
    def body(self) -> bytes: ...

    @property
    def items(self) -> int: ...


Request = TypeVar("Request", bound=Waiting)


class Gathering(Generic[Request]):
    """Hands on what waits, in order of arrival; one thread takes.

    Where all wait who were under way at once of late, nobody else is waited for: so who sends alone
    goes on at once.
    """

    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()
        self._waiting_bytes = 0
        self._under_way = 0
        self._most_under_way = 1
        # What the thread that takes is to be woken by, while it sleeps.
        self._is_asleep = False
        self._wanted = 1
        self._arrived = threading.Condition()
        self._is_closed = False

    def put(self, request: Request) -> None:
        """Raises Unavailable after `close`."""
        with self._arrived:
            if self._is_closed:
                raise Unavailable("Goldeneye is stopping")
            self._waiting.append(request)
            self._waiting_bytes += len(request.body)
            self._under_way += 1
            if self._is_asleep and self._is_enough():
                self._is_asleep = False
                self._arrived.notify()

    def withdraw(self, request: Request) -> None:
        """Its client is gone: what no longer counts as in flight must not wait on in memory."""
        with self._arrived, contextlib.suppress(ValueError):
            self._waiting.remove(request)
            self._waiting_bytes -= len(request.body)
            self._under_way -= 1

    def answered(self, count: int) -> None:
        """So many of those that were taken are no longer under way."""
        with self._arrived:
            self._under_way -= count

    def close(self) -> None:
        """Let nothing more in; `take` goes on until nothing is left."""
        with self._arrived:
            self._is_closed = True
            self._arrived.notify()

    def take(self) -> list[Request]:
        """The next group; empty when it is closed and nothing is left."""
        with self._arrived:
            while self._waiting or not self._is_closed:
                self._sleep(1)
                self._sleep(self._most_under_way, _GATHER_S)
                # One less each time: clients go away.
                self._most_under_way = max(self._under_way, self._most_under_way - 1)
                # Those who waited may have left meanwhile.
                if taken := self._taken():
                    return taken
            return []

    def _sleep(self, wanted: int, timeout_s: float | None = None) -> None:
        """Until so many wait, or so much; or for so long."""
        self._wanted = wanted
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        left_s = timeout_s
        while not self._is_closed and not self._is_enough() and (left_s is None or left_s > 0):
            self._is_asleep = True
            self._arrived.wait(left_s)
            left_s = None if deadline_s is None else deadline_s - time.monotonic()
        self._is_asleep = False

    def _is_enough(self) -> bool:
        return len(self._waiting) >= self._wanted or self._waiting_bytes >= _WORTH_A_GROUP_BYTES

    def _taken(self) -> list[Request]:
        taken: list[Request] = []
        size_bytes = items = 0
        while self._waiting and len(taken) < _MAX_GROUP_BODIES:
            size_bytes += len(self._waiting[0].body)
            items += self._waiting[0].items
            if taken and (size_bytes > _MAX_GROUP_BYTES or items > _MAX_GROUP_ITEMS):
                break
            taken.append(self._waiting.popleft())
            self._waiting_bytes -= len(taken[-1].body)
        return taken
