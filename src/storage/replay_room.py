"""Files are written beside a replay, where its rows would not all fit into memory."""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from storage.backlog import Backlog, memory_of
from storage.book import Book
from storage.flusher import Flusher
from storage.rows import HasRows


class ReplayRoom:
    """Publishes segments, which wait for room; a context, in which a thread may make room ahead."""

    def __init__(self, book: Book, backlog: Backlog, flusher: Flusher, in_thread: bool) -> None:
        self._book = book
        self._backlog = backlog
        self._flusher = flusher
        self._left_bytes = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._make_room, name="replay-flush", daemon=True)
        self._in_thread = in_thread

    def __enter__(self) -> Self:
        if self._in_thread:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._book.changed:
            self._is_over = True
            self._book.changed.notify_all()
        if self._in_thread:
            self._thread.join()

    def publish(
        self, number: int, groups: Sequence[HasRows], log_bytes: int, left_bytes: int
    ) -> None:
        """See storage.replay.Publish. Where no file can be written, rows go beyond the room."""
        more_bytes = memory_of(groups)
        self._flusher.flush_until(lambda: self._backlog.fits(more_bytes))
        with self._book.changed:
            self._left_bytes = left_bytes
            self._book.publish(number, groups, log_bytes)
            self._book.changed.notify_all()

    def _make_room(self) -> None:
        """For what is still to come, which takes about as much memory as bytes of the log."""
        with self._book.changed:
            self._book.changed.wait_for(self._is_needed_or_over)
        while not self._is_over and self._flusher.flush_until(self._fits_or_is_over):
            with self._book.changed:
                self._book.changed.wait_for(self._is_needed_or_over)

    def _fits_or_is_over(self) -> bool:
        return self._is_over or self._backlog.fits(self._left_bytes)

    def _is_needed_or_over(self) -> bool:
        return self._is_over or not self._backlog.fits(self._left_bytes)
