"""Appending to the write-ahead log, so that what was acknowledged is on disk."""

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from goldeneye.clock import Clock
from goldeneye.errors import StorageUnavailable
from goldeneye.limits import MIB
from goldeneye.telemetry import WAL_SYNC_SECONDS
from storage.file_system import Buffer, FileSystem
from storage.settings import WalSync
from storage.wal import record, segment
from storage.wal.record import AnyRecord

log = structlog.get_logger(__name__)
# How often `interval` syncs.
SYNC_INTERVAL_S: Final = 1.0
# The free space is asked for once in this many bytes; min_free leaves far more room than that.
_FREE_SPACE_STEP_BYTES: Final = 16 * MIB


@dataclass
class _Segment:
    """The segment that is being written; `size_bytes` ends after its last whole record."""

    number: int
    path: Path
    fd: int
    size_bytes: int
    opened_s: float
    synced_s: float
    checked_bytes: int = 0


class WriteAheadLog:
    """Segments in `folder`, numbered from `next_number` on; numbers are never used again.

    Thread-safe.
    """

    def __init__(
        self,
        fs: FileSystem,
        folder: Path,
        next_number: int,
        sync: WalSync,
        segment_max_bytes: int,
        segment_max_age_s: float,
        min_free_bytes: int,
        clock: Clock,
    ) -> None:
        self._fs = fs
        self._folder = folder
        self._next_number = next_number
        self._is_first = True
        self._sync_mode = sync
        self._max_bytes = segment_max_bytes
        self._max_age_s = segment_max_age_s
        self._min_free_bytes = min_free_bytes
        self._clock = clock
        self._current: _Segment | None = None
        self._lock = threading.Lock()

    @property
    def open_number(self) -> int | None:
        """The segment that the next records may still go to."""
        return self._current.number if self._current else None

    def append(self, records: Sequence[AnyRecord]) -> int:
        """Write all records to one segment, durably as the mode says; its number.

        Raises StorageUnavailable with none of them kept.
        """
        with self._lock:
            current = self._writable()
            buffers = record.encode(records)
            self._write(current, buffers)
            if self._sync_mode == "group" or self._interval_is_over(current):
                self._sync(current)
            current.size_bytes += sum(map(len, buffers))
            self._is_first = False
            return current.number

    def due(self) -> bool:
        """Whether the open segment is full or old."""
        with self._lock:
            return self._current is not None and self._is_over(self._current)

    def seal(self) -> int | None:
        """Close the open segment; its number. The next append opens another."""
        with self._lock:
            current = self._current
            if current is None:
                return None
            self._close(current, synced=self._sync_mode != "none")
            return current.number

    def sync_if_due(self) -> None:
        """In mode `interval`: what the last appends left to do, where none came after them."""
        with self._lock:
            if self._current is not None and self._interval_is_over(self._current):
                try:
                    self._sync(self._current)
                except StorageUnavailable as error:
                    log.error("acknowledged records may be lost by a power cut", error=str(error))

    def unlink(self, number: int) -> None:
        """Delete a segment whose rows are in files, durably, also where half of that was done."""
        with contextlib.suppress(FileNotFoundError):
            self._fs.unlink(segment.path_of(self._folder, number))
        self._fs.sync_folder(self._folder)

    def set_aside(self, number: int, folder: Path) -> Path:
        """Move a segment out of the log, to be looked at by people; where it is now."""
        source = segment.path_of(self._folder, number)
        target = folder / source.name
        with contextlib.suppress(FileNotFoundError):  # an earlier attempt moved it, and failed then
            self._fs.rename(source, target)
        self._fs.sync_folder(folder)
        self._fs.sync_folder(self._folder)
        return target

    def _writable(self) -> _Segment:
        if self._current is not None and self._is_over(self._current):
            self._close(self._current, synced=self._sync_mode != "none")
        current = self._current or self._open()
        if current.size_bytes >= current.checked_bytes:
            self._check_free_space()
            current.checked_bytes = current.size_bytes + _FREE_SPACE_STEP_BYTES
        return current

    def _is_over(self, current: _Segment) -> bool:
        age_s = self._clock.monotonic_s() - current.opened_s
        return current.size_bytes >= self._max_bytes or age_s >= self._max_age_s

    def _interval_is_over(self, current: _Segment) -> bool:
        since_s = self._clock.monotonic_s() - current.synced_s
        return self._sync_mode == "interval" and since_s >= SYNC_INTERVAL_S

    def refusal(self) -> str | None:
        """Why nothing can be appended now: the disk is full."""
        try:
            self._check_free_space()
        except StorageUnavailable as error:
            return str(error)
        return None

    def _check_free_space(self) -> None:
        free_bytes = self._fs.free_bytes(self._folder)
        if free_bytes < self._min_free_bytes:
            raise StorageUnavailable(
                f"the disk of {self._folder} has {free_bytes // MIB} MiB free; "
                f"storage.min_free_mib keeps {self._min_free_bytes // MIB} back. Make room."
            )

    def _open(self) -> _Segment:
        """A new segment that a crash cannot make vanish once records in it are acknowledged."""
        self._check_free_space()
        number = self._next_number
        self._next_number += 1
        path = segment.path_of(self._folder, number)
        fd = -1
        try:
            fd = self._fs.create(path)
            self._fs.write(fd, [segment.encode_header(number, self._is_first)])
            self._fs.sync_folder(self._folder)
        except OSError as error:
            if fd >= 0:
                self._abandon(fd, path)
            raise StorageUnavailable(f"{path}: cannot be created: {error.strerror}") from error
        now_s = self._clock.monotonic_s()
        self._current = _Segment(number, path, fd, segment.HEADER_BYTES, now_s, now_s)
        return self._current

    def _abandon(self, fd: int, path: Path) -> None:
        try:
            self._fs.close(fd)
            self._fs.unlink(path)
        except OSError as error:
            log.warning("an empty segment stays", path=str(path), error=str(error))

    def _write(self, current: _Segment, buffers: Sequence[Buffer]) -> None:
        try:
            self._fs.write(current.fd, buffers)
        except OSError as error:
            self._cut_back(current, seal=False)
            raise StorageUnavailable(
                f"{current.path}: cannot be written: {error.strerror}"
            ) from error

    def _sync(self, current: _Segment) -> None:
        try:
            with WAL_SYNC_SECONDS.time():
                self._fs.sync_data(current.fd)
            current.synced_s = self._clock.monotonic_s()
        except OSError as error:
            # The kernel may have dropped the dirty pages and would call the next sync a success.
            self._cut_back(current, seal=True)
            raise StorageUnavailable(
                f"{current.path}: cannot be made durable: {error.strerror}. "
                "The segment is closed and never synced again; look at the disk."
            ) from error

    def _cut_back(self, current: _Segment, seal: bool) -> None:
        """Remove what follows the last whole record that was acknowledged."""
        try:
            self._fs.truncate(current.fd, current.size_bytes)
        except OSError as error:
            log.error(
                "a cut-off record stays in a segment", path=str(current.path), error=str(error)
            )
            seal = True
        if seal:
            self._close(current, synced=False)

    def _close(self, current: _Segment, synced: bool) -> None:
        self._current = None
        try:
            if synced:
                self._fs.sync_data(current.fd)
            self._fs.close(current.fd)
        except OSError as error:
            log.error(
                "a segment could not be closed well", path=str(current.path), error=str(error)
            )
        if current.size_bytes == segment.HEADER_BYTES:
            self._discard(current)

    def _discard(self, current: _Segment) -> None:
        """Nothing in it was acknowledged: no file covers it, and what was cut off may return."""
        try:
            self.unlink(current.number)
        except OSError as error:
            log.warning("an empty segment stays", path=str(current.path), error=str(error))
