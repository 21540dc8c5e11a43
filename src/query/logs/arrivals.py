"""Rows that have just arrived, waiting for one reader; bounded, so that a slow one loses some."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from goldeneye.snapshot import HotChunk


class Arrived(NamedTuple):
    """Chunks in the order of their arrival; `skipped` rows came before and are not among them."""

    chunks: Sequence[HotChunk]
    skipped: int


class Arrivals:
    """Filled by the threads that commit, emptied by one task of the event loop."""

    def __init__(self, max_rows: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._max_rows = max_rows
        self._lock = threading.Lock()
        self._chunks: deque[HotChunk] = deque()
        self._rows = 0
        self._skipped = 0
        self._some = asyncio.Event()
        self.ended = False

    def add(self, chunk: HotChunk) -> None:
        """From any thread; what is oldest gives way where there are too many rows."""
        with self._lock:
            self._chunks.append(chunk)
            self._rows += chunk.row_count
            while self._rows > self._max_rows:
                oldest = self._chunks.popleft()
                self._rows -= oldest.row_count
                self._skipped += oldest.row_count
        self._wake()

    def end(self) -> None:
        """Nothing more is wanted."""
        self.ended = True
        self._wake()

    async def take(self, timeout_s: float) -> Arrived:
        """What has arrived; nothing where nothing does within the time."""
        try:
            await asyncio.wait_for(self._some.wait(), timeout_s)
        except TimeoutError:
            return Arrived([], 0)
        with self._lock:
            self._some.clear()
            taken = Arrived(list(self._chunks), self._skipped)
            self._chunks.clear()
            self._rows = self._skipped = 0
        return taken

    def _wake(self) -> None:
        # Raised where the loop is closed: then nobody reads any more, and who commits goes on.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._some.set)
