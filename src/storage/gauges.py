"""What the storage holds just now, told when it is asked for: also while a write hangs."""

from goldeneye.clock import Clock
from goldeneye.telemetry import (
    DISK_FREE_BYTES,
    HOT_BYTES,
    UNFLUSHED_AGE_SECONDS,
    WAL_UNFLUSHED_BYTES,
)
from storage.book import Book
from storage.file_system import FileSystem
from storage.folders import Folders


class Gauges:
    """`tick` is to be called often, so that what is new has an age."""

    def __init__(self, fs: FileSystem, folders: Folders, book: Book, clock: Clock) -> None:
        self._fs = fs
        self._folders = folders
        self._book = book
        self._clock = clock
        self._since_s: dict[int, float] = {}

    def start(self) -> None:
        """Tell of this storage from now on."""
        WAL_UNFLUSHED_BYTES.set_function(lambda: self._book.state.unflushed_bytes())
        HOT_BYTES.set_function(lambda: self._book.state.memory_bytes())
        UNFLUSHED_AGE_SECONDS.set_function(self._age_s)
        DISK_FREE_BYTES.set_function(self._free_bytes)

    def tick(self) -> None:
        now_s = self._clock.monotonic_s()
        waiting = self._book.state.generations
        self._since_s = {number: self._since_s.get(number, now_s) for number in waiting}

    def _age_s(self) -> float:
        """Of generations that have gone since the last tick, nothing is waiting any more."""
        waiting = self._book.state.generations
        since_s = [at_s for number, at_s in self._since_s.items() if number in waiting]
        return self._clock.monotonic_s() - min(since_s) if since_s else 0.0

    def _free_bytes(self) -> float:
        try:
            return self._fs.free_bytes(self._folders.wal)
        except OSError:
            return float("nan")
