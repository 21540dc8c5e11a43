"""The thread that turns sealed segments into files, and deletes what they cover."""

import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

import structlog

from goldeneye import allocator
from goldeneye.clock import Clock
from goldeneye.limits import MAX_FLUSH_ATTEMPTS
from goldeneye.schemas import PromotedKeys
from goldeneye.telemetry import (
    FILE_BYTES,
    FILES,
    FLUSH_FAILURES,
    FLUSH_SECONDS,
    QUARANTINED,
)
from storage.book import Book
from storage.catalog import Catalog, Fate
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.gauges import Gauges
from storage.generation_writer import GenerationWriter, tables_of
from storage.hot import Generation
from storage.lake import Lake
from storage.native_derivation import deriver
from storage.wal.log import WriteAheadLog

log = structlog.get_logger(__name__)
_TICK_S: Final = 0.1
_RETRY_S: Final = 1.0
# A covered segment lives on this long, so that a start after a crash still finds the hashes of
# bodies whose acknowledgement may not have left the process.
_COVERED_KEPT_S: Final = 2.0


class Flusher:
    """`damaged` are segments to keep although files cover what could be read of them.

    `promoted` are the keys with columns that the rows were decoded with.
    """

    def __init__(
        self,
        fs: FileSystem,
        folders: Folders,
        lake: Lake,
        catalog: Catalog,
        wal: WriteAheadLog,
        book: Book,
        clock: Clock,
        damaged: set[int],
        promoted: PromotedKeys,
    ) -> None:
        self._fs = fs
        self._folders = folders
        self._lake = lake
        self._catalog = catalog
        self._wal = wal
        self._book = book
        self._clock = clock
        self._damaged = damaged
        self._deriver = deriver()
        self._writer = GenerationWriter(fs, folders, promoted)
        self._gauges = Gauges(fs, folders, book, clock)
        self._failures: Counter[int] = Counter()
        self._not_before_s = 0.0
        self._covered: deque[tuple[float, int]] = deque()
        self._may_delete = False
        self._busy = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flush", daemon=True)
        self.last_error: str | None = None

    def start(self) -> None:
        """Begin to write; segments are not deleted before `recovered`."""
        self._gauges.start()
        self._thread.start()

    def recovered(self, covered: list[int]) -> None:
        """The log has been read: from now on covered segments are deleted, these among them."""
        now_s = self._clock.monotonic_s()
        with self._busy:
            self._covered.extend((now_s, number) for number in covered)
            self._may_delete = True

    def stop(self, timeout_s: float) -> bool:
        """Stop the thread, not the work that remains; False where it is stuck."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.wait(_TICK_S):
            try:
                self.tick()
            except Exception:
                # Without this thread nothing would be written any more, and nobody would know.
                log.exception("the flush met what it did not expect; it goes on")

    def tick(self) -> None:
        """Seal what is due, write what is sealed, delete what is covered."""
        self._gauges.tick()
        with self._book.changed:
            if self._wal.due():
                self._wal.seal()
        self._wal.sync_if_due()
        if self._clock.monotonic_s() >= self._not_before_s:
            self.flush_sealed()
        self._unlink_covered(_COVERED_KEPT_S)

    def flush_all(self, deadline_s: float | None = None) -> bool:
        """Seal and write everything; False where something is left in the log."""
        with self._book.changed:
            self._wal.seal()
        done = self.flush_sealed(deadline_s)
        self._unlink_covered(0.0)
        return done

    def flush_sealed(self, deadline_s: float | None = None) -> bool:
        """Write every sealed generation, oldest first; False where one is left."""
        with self._busy:
            self._lake.retry()
            while (generation := self._oldest_sealed()) is not None:
                if self._stopped_at(deadline_s) or not self._attempt(generation):
                    return False
        return True

    def flush_until(self, enough: Callable[[], bool]) -> bool:
        """Write sealed generations, oldest first, until it is enough; False where it cannot be."""
        while not enough():
            with self._busy:
                if enough():
                    break
                generation = self._oldest_sealed()
                if generation is None or not self._attempt(generation):
                    return False
        return True

    def _oldest_sealed(self) -> Generation | None:
        """Whole, since no commit is between its append and its publication under this lock."""
        with self._book.changed:
            open_number = self._wal.open_number
            for number, generation in self._book.state.generations.items():
                if number != open_number:
                    return generation
        return None

    def _stopped_at(self, deadline_s: float | None) -> bool:
        if deadline_s is None:
            return self._stopping.is_set()
        return self._clock.monotonic_s() >= deadline_s

    def _attempt(self, generation: Generation) -> bool:
        """Whether the generation needs no further attempt."""
        try:
            with FLUSH_SECONDS.time():
                self._write(generation)
        except Exception as error:
            self._failed(generation, error)
            if _is_of_the_machine(error):
                return False
            self._failures[generation.number] += 1
            if self._failures[generation.number] < MAX_FLUSH_ATTEMPTS:
                return False
            return self._set_aside(generation, error)
        self.last_error = None
        allocator.give_back()
        return True

    def _failed(self, generation: Generation, error: Exception) -> None:
        FLUSH_FAILURES.inc()
        self.last_error = f"segment {generation.number}: {error}"
        self._not_before_s = self._clock.monotonic_s() + _RETRY_S
        log.error(
            "writing files failed; the rows stay in the log and in memory, and it is tried again",
            segment=generation.number,
            error=str(error),
        )
        with self._book.changed:
            self._book.changed.notify_all()

    def _write(self, generation: Generation) -> None:
        number = generation.number
        self._folders.make(self._fs)
        tables = tables_of(generation)
        with self._book.changed:
            tables = self._book.without_known_series(tables)
        tables |= self._deriver.derived(tables)
        files = self._writer.write(number, tables)
        fate: Fate = "quarantined" if number in self._damaged else "covered"
        # Where this fails, the files stay: whether the transaction is on disk is not known.
        self._catalog.commit(files, {number: fate})
        self._lake.add(files)
        self._book.written(number, files)
        self._covered.append((self._clock.monotonic_s(), number))
        self.count_files()

    def count_files(self) -> None:
        for table, total in self._book.state.file_totals().items():
            FILES.labels(table).set(total["count"])
            FILE_BYTES.labels(table).set(total["bytes"])

    def _set_aside(self, generation: Generation, error: Exception) -> bool:
        """Whether the generation could be set aside."""
        number = generation.number
        try:
            self._writer.discard(number)
            self._catalog.commit([], {number: "quarantined"})
            path = self._wal.set_aside(number, self._folders.quarantine)
        except (OSError, sqlite3.Error) as fault:
            self._failed(generation, fault)
            return False
        self._book.dropped(number)
        QUARANTINED.inc()
        log.error(
            "a segment's rows could not be written as files, and are no longer in answers; "
            "the segment is kept",
            path=str(path),
            rows=generation.row_count,
            error=str(error),
        )
        return True

    def _unlink_covered(self, kept_s: float) -> None:
        """Delete segments whose rows are in files; damaged ones are set aside."""
        gone = []
        with self._busy:
            while self._may_delete and self._covered:
                since_s, number = self._covered[0]
                if since_s + kept_s > self._clock.monotonic_s() or not self._delete(number):
                    break
                self._covered.popleft()
                gone.append(number)
            if gone:
                self._catalog.forget_segments(gone)

    def _delete(self, number: int) -> bool:
        try:
            if number in self._damaged:
                self._wal.set_aside(number, self._folders.quarantine)
            else:
                self._wal.unlink(number)
        except OSError as error:
            log.warning("a covered segment stays for now", segment=number, error=str(error))
            return False
        return True


def _is_of_the_machine(error: Exception) -> bool:
    """A full disk and its like are not the data's fault: tried for as long as it takes.

    What pyarrow itself calls an OSError has no number.
    """
    if isinstance(error, OSError):
        return error.errno is not None
    return isinstance(error, sqlite3.Error | MemoryError)
