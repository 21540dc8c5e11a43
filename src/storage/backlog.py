"""What waits to become files is bounded: while it is too much, who sends waits."""

from collections.abc import Sequence

from goldeneye.errors import StorageUnavailable
from goldeneye.limits import BACKLOG_TIMEOUT_S, MIB
from goldeneye.telemetry import BACKLOG_WAIT_SECONDS
from storage.book import Book
from storage.rows import HasRows
from storage.wal.log import WriteAheadLog


class Backlog:
    """`max_log_bytes` of the log, and `max_hot_bytes` of memory that its rows take.

    Used by who holds the book's `changed`.
    """

    def __init__(self, book: Book, max_log_bytes: int, max_hot_bytes: int) -> None:
        self._book = book
        self._max_log_bytes = max_log_bytes
        self._max_hot_bytes = max_hot_bytes

    def await_room(self, groups: Sequence[HasRows], wal: WriteAheadLog) -> None:
        """Wait until the groups may be added; StorageUnavailable where that takes too long."""
        more_bytes = memory_of(groups)
        if self._refusal(more_bytes) is None:
            return
        with BACKLOG_WAIT_SECONDS.time():
            self._book.changed.wait_for(lambda: self._has_room(more_bytes, wal), BACKLOG_TIMEOUT_S)
        refusal = self._refusal(more_bytes)
        if refusal is not None:
            raise StorageUnavailable(refusal)

    def _has_room(self, more_bytes: int, wal: WriteAheadLog) -> bool:
        if self._refusal(more_bytes) is None:
            return True
        if list(self._book.state.generations) == [wal.open_number]:
            # Nothing else could be written, and so make room.
            wal.seal()
        return False

    def _refusal(self, more_bytes: int) -> str | None:
        state = self._book.state
        if state.unflushed_bytes() > self._max_log_bytes:
            return _words(self._max_log_bytes, "of the log", "wal.max_backlog_mib")
        if not self.fits(more_bytes):
            return _words(self._max_hot_bytes, "of rows", "storage.max_hot_mib")
        return None

    def fits(self, more_bytes: int) -> bool:
        """Whether rows of so much memory may be added; those too large for it go alone."""
        hot_bytes = self._book.state.memory_bytes()
        return not hot_bytes or hot_bytes + more_bytes <= self._max_hot_bytes


def memory_of(groups: Sequence[HasRows]) -> int:
    """Bytes of the groups' rows."""
    return sum(
        int(batch.get_total_buffer_size())
        for group in groups
        for batch in group.decoded.batches.values()
    )


def _words(most: int, of_what: str, key: str) -> str:
    return f"more than {most // MIB} MiB {of_what} wait to be written as files ({key})"
