"""What is in flight: one budget for all requests, taken before a body is read.

Peers take turns: who sends many requests waits behind those who send few.
"""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from weakref import WeakSet

from prometheus_client import Gauge

from goldeneye.errors import Unavailable
from goldeneye.limits import ADMISSION_TIMEOUT_S
from goldeneye.telemetry import IN_FLIGHT_BYTES

# What one peer may hold for bodies that have not arrived: who sends slowly leaves room for others.
_UNREAD_SHARE: Final = 2


_SHOWN: Final[dict[Gauge, WeakSet["Budget"]]] = {}


def _show(gauge: Gauge, budget: "Budget") -> None:
    """Budgets are asked when the gauge is read: to set it at each change cost more than that."""
    if gauge not in _SHOWN:
        shown = _SHOWN[gauge] = WeakSet()
        gauge.set_function(lambda: sum(one.used for one in shown))
    _SHOWN[gauge].add(budget)


@dataclass(frozen=True, eq=False)
class _Wish:
    size: int
    is_unread: bool
    turn: "asyncio.Future[None]"


class Budget:
    """`max_size` (bytes, or items), shared by peers in turn, by one peer's in order of arrival.

    The one whose turn it is waits for its room, so that large requests are not starved. Belongs
    to one event loop.
    """

    def __init__(
        self,
        max_size: int,
        timeout_s: float = ADMISSION_TIMEOUT_S,
        what: str = "bytes of requests",
        gauge: Gauge = IN_FLIGHT_BYTES,
    ) -> None:
        self.max_size = max_size
        self.timeout_s = timeout_s
        self._what = what
        self._used = 0
        _show(gauge, self)
        # By peer, without those that have none.
        self._unread: dict[str, int] = {}
        self._waiting: OrderedDict[str, deque[_Wish]] = OrderedDict()

    def permit(self, size: int, peer: str = "") -> "Permit":
        """A share of the budget for the length of an `async with`, for a body yet to be read."""
        return Permit(self, size, peer)

    @property
    def used(self) -> int:
        return self._used

    async def hold(self, size: int, peer: str = "") -> int:
        """Take a share for what has arrived, waiting for it; how much is to be released.

        Raises Unavailable where the wait is too long.
        """
        size = min(size, self.max_size)
        if not self.take(size, peer):
            await self.acquire(size, peer)
        return size

    def take(self, size: int, peer: str = "", *, is_unread: bool = False) -> bool:
        """Take a share where nobody waits and there is room."""
        size = min(size, self.max_size)
        if self._waiting or self._used + size > self.max_size:
            return False
        if is_unread and not self._may_hold(size, peer):
            return False
        self.add(size, peer, size if is_unread else 0)
        return True

    async def acquire(
        self,
        size: int,
        peer: str = "",
        *,
        is_unread: bool = False,
        timeout_s: float | None = None,
    ) -> None:
        """Take a share, waiting for it; Unavailable where the wait is too long."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wish = _Wish(min(size, self.max_size), is_unread, turn)
        self._waiting.setdefault(peer, deque()).append(wish)
        self._grant()
        if turn.done():
            return
        try:
            async with asyncio.timeout(self.timeout_s if timeout_s is None else timeout_s):
                await asyncio.shield(turn)
        except (TimeoutError, asyncio.CancelledError) as error:
            self._give_up(wish, peer)
            if isinstance(error, asyncio.CancelledError):
                raise
            raise Unavailable(
                f"{self.max_size} {self._what} are in flight already "
                "(receiver.max_in_flight_mib); try again"
            ) from None

    def _give_up(self, wish: _Wish, peer: str) -> None:
        if wish.turn.done():
            self.release(wish.size, peer, wish.size if wish.is_unread else 0)
            return
        self._waiting[peer].remove(wish)
        if not self._waiting[peer]:
            del self._waiting[peer]
        wish.turn.cancel()
        self._grant()

    def add(self, size: int, peer: str = "", unread: int = 0) -> None:
        """Take without waiting: what is in memory already."""
        self._used += size
        if unread:
            self._unread[peer] = self._unread.get(peer, 0) + unread

    def release(self, size: int, peer: str = "", unread: int = 0) -> None:
        """Give back, of which `unread` had not arrived."""
        self._used -= size
        self.arrived(peer, unread)

    def arrived(self, peer: str, unread: int) -> None:
        """What was waited for is in memory."""
        if unread:
            if left := self._unread[peer] - unread:
                self._unread[peer] = left
            else:
                del self._unread[peer]
        if self._waiting:
            self._grant()

    def _grant(self) -> None:
        while (peer := self._next_peer()) is not None:
            wishes = self._waiting[peer]
            if self._used + wishes[0].size > self.max_size:
                return
            wish = wishes.popleft()
            self._waiting.move_to_end(peer)
            if not wishes:
                del self._waiting[peer]
            self.add(wish.size, peer, wish.size if wish.is_unread else 0)
            wish.turn.set_result(None)

    def _next_peer(self) -> str | None:
        """Whose turn it is, of those who do not hold their share of unread bodies already."""
        return next((peer for peer in self._waiting if self._may_go_on(peer)), None)

    def _may_go_on(self, peer: str) -> bool:
        wish = self._waiting[peer][0]
        return not wish.is_unread or self._may_hold(wish.size, peer)

    def _may_hold(self, size: int, peer: str) -> bool:
        """Whether a peer may have that much more under way to it; the first always may."""
        unread = self._unread.get(peer, 0)
        return not unread or unread + size <= self.max_size // _UNREAD_SHARE


class Permit:
    """A share of a budget; given back at the end of the `async with`, however that comes."""

    __slots__ = ("_budget", "_has_arrived", "_left_s", "_peer", "_size")

    def __init__(self, budget: Budget, size: int, peer: str) -> None:
        self._budget = budget
        self._size = min(size, budget.max_size)
        self._peer = peer
        self._has_arrived = False
        # All waits of one request together.
        self._left_s = budget.timeout_s

    async def __aenter__(self) -> Self:
        if not self._budget.take(self._size, self._peer, is_unread=True):
            await self._acquire(self._size, is_unread=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._budget.release(self._size, self._peer, self._unread)

    @property
    def _unread(self) -> int:
        return 0 if self._has_arrived else self._size

    def arrived(self) -> None:
        """The body has been read: what holds it up now is ours."""
        self._budget.arrived(self._peer, self._unread)
        self._has_arrived = True

    async def wait(self, size: int) -> None:
        """Wait until there would be room for more, and leave it to others."""
        await self._acquire(size)
        self._budget.release(size)

    async def grow(self, size: int) -> None:
        """Hold at least this much, waiting for it; Unavailable where the wait is too long."""
        size = min(size, self._budget.max_size)
        if size > self._size:
            await self._acquire(size - self._size)
            self._size = size

    async def _acquire(self, size: int, *, is_unread: bool = False) -> None:
        if self._budget.take(size, self._peer, is_unread=is_unread):
            return
        now_s = asyncio.get_running_loop().time
        started_s = now_s()
        await self._budget.acquire(
            size, self._peer, is_unread=is_unread, timeout_s=max(self._left_s, 0.0)
        )
        self._left_s -= now_s() - started_s

    def resize(self, size: int) -> None:
        """What was read turned out larger or smaller than what was asked for."""
        more = size - self._size
        unread = 0 if self._has_arrived else more
        self._size = size
        if more > 0:
            self._budget.add(more, self._peer, unread)
        else:
            self._budget.release(-more, self._peer, -unread)
