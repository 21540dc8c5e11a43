"""The storage: groups in, snapshots out."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import structlog

from goldeneye.clock import Clock
from goldeneye.decoded import Decoder, Group
from goldeneye.errors import StorageUnavailable
from goldeneye.limits import MIB
from goldeneye.schemas import TABLES, Encoding, Signal
from storage import recovery
from storage.book import Book
from storage.catalog import Catalog
from storage.file_system import FileSystem, RealFileSystem
from storage.flusher import Flusher
from storage.folders import Folders
from storage.lock import DataDirLock
from storage.recovery import Findings
from storage.replayed import ReplayedBodies
from storage.series_index import SeriesIndex
from storage.settings import StorageSettings
from storage.state import State, TenantSnapshot
from storage.wal.log import WriteAheadLog
from storage.wal.record import Record

log = structlog.get_logger(__name__)
# Senders wait this long for the flush to catch up, and are then told to come again.
_BACKLOG_TIMEOUT_S: Final = 5.0


class Storage:
    """One data folder (goldeneye.decoded.Committer, goldeneye.snapshot.SnapshotSource)."""

    def __init__(
        self,
        settings: StorageSettings,
        folders: Folders,
        lock: DataDirLock,
        catalog: Catalog,
        book: Book,
        findings: Findings,
        replayed: ReplayedBodies,
        clock: Clock,
        wal: WriteAheadLog | None,
        flusher: Flusher | None,
    ) -> None:
        self._settings = settings
        self._folders = folders
        self._lock = lock
        self._catalog = catalog
        self._book = book
        self._findings = findings
        self._replayed = replayed
        self._clock = clock
        self._wal = wal
        self._flusher = flusher

    @classmethod
    def open(
        cls,
        settings: StorageSettings,
        decoder: Decoder,
        clock: Clock,
        fs: FileSystem | None = None,
        read_only: bool = False,
    ) -> Self:
        """Recover what is there and hold the folder until `close`.

        With `read_only` nothing is written: what the log holds is replayed into memory.
        Raises StartupError where the folder is held, or its catalog is missing or damaged.
        """
        fs = fs or RealFileSystem()
        folders = Folders(settings.data_dir)
        if not read_only:
            folders.make(fs)
        lock = DataDirLock(settings.data_dir, shared=read_only)
        try:
            return cls._opened(settings, decoder, clock, fs, folders, lock, read_only)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _opened(
        cls,
        settings: StorageSettings,
        decoder: Decoder,
        clock: Clock,
        fs: FileSystem,
        folders: Folders,
        lock: DataDirLock,
        read_only: bool,
    ) -> Self:
        catalog = recovery.open_catalog(folders, read_only)
        findings, replayed = Findings(), ReplayedBodies(clock)
        files = catalog.files()
        if read_only:
            present = [file for file in files if os.path.exists(file.entry.path)]
        else:
            recovery.clean_up(fs, folders, files)
            present = recovery.repair_links(fs, folders, files, findings)
        state = State().with_files([file.entry for file in present])
        book = Book(state, SeriesIndex(catalog.series))
        number = recovery.next_segment_number(folders, catalog)
        covered = recovery.replay(folders, catalog, decoder, book.publish, replayed, findings)
        wal = flusher = None
        if not read_only:
            wal = WriteAheadLog(
                fs,
                folders.wal,
                number,
                settings.wal_sync,
                settings.segment_max_bytes,
                settings.segment_max_age_s,
                settings.min_free_bytes,
                clock,
            )
            flusher = Flusher(fs, folders, catalog, wal, book, clock, findings.damaged_segments)
            flusher.covered(covered)
            flusher.start()
        if findings.replayed_records:
            log.info("the log was replayed", requests=findings.replayed_records)
        return cls(settings, folders, lock, catalog, book, findings, replayed, clock, wal, flusher)

    def commit(self, groups: Sequence[Group]) -> None:
        """Make the groups durable, then visible; see goldeneye.decoded.Committer."""
        if self._wal is None:
            raise StorageUnavailable(f"{self._settings.data_dir} was opened for reading only")
        records = [
            Record(group.tenant, group.signal, group.encoding, received_time_ns, body)
            for group in groups
            for body, received_time_ns in zip(group.bodies, group.received_time_ns, strict=True)
        ]
        with self._book.changed:
            self._await_backlog()
            # Between these two no segment may be sealed, or rows would be missing in its files.
            number = self._wal.append(records)
            self._book.publish(number, groups)

    def _await_backlog(self) -> None:
        most = self._settings.max_backlog_bytes
        if not self._book.changed.wait_for(
            lambda: self._book.state.backlog_bytes() <= most, _BACKLOG_TIMEOUT_S
        ):
            fault = self._flusher.last_error if self._flusher else None
            raise StorageUnavailable(
                f"more than {most // MIB} MiB wait to be written as files (wal.max_backlog_mib)"
                + (f"; the last attempt failed: {fault}" if fault else "")
            )

    def snapshot(self, tenant: str) -> TenantSnapshot:
        """One consistent instant of a tenant's files and hot rows."""
        return TenantSnapshot(self._book.state, tenant)

    def replayed(self, tenant: str, signal: Signal, encoding: Encoding, body: bytes) -> bool:
        """Whether an equal body was found in the log when the storage was opened."""
        return (tenant, signal, encoding, body) in self._replayed

    def flush(self) -> bool:
        """Write everything to files now; False where a part stays in the log."""
        return self._flusher.flush_all() if self._flusher else True

    def close(self, timeout_s: float) -> None:
        """Flush within the time and let go of the folder; what is left stays in the log."""
        deadline_s = self._clock.monotonic_s() + timeout_s
        if self._flusher is not None:
            if not self._flusher.stop(timeout_s):
                raise TimeoutError("the flush did not end in time; what is left stays in the log")
            if not self._flusher.flush_all(deadline_s):
                log.warning("not everything was written to files; the rest stays in the log")
        self._catalog.close()
        self._lock.release()

    def status(self) -> Mapping[str, Any]:
        """What /api/v1/status says of the storage."""
        state = self._book.state
        return {
            "data_dir": str(self._settings.data_dir),
            "wal": {
                "sync": self._settings.wal_sync,
                "unflushed_bytes": state.backlog_bytes(),
                "unflushed_segments": len(state.generations),
            },
            "hot_rows": self._hot_rows(state),
            "files": state.file_totals(),
            "last_flush_error": self._flusher.last_error if self._flusher else None,
            "quarantine": sorted(path.name for path in self._folders.quarantine.glob("*")),
            "last_start": {
                "replayed_requests": self._findings.replayed_records,
                "missing_files": self._findings.missing_files,
                "damage": self._findings.damage,
                "unreadable_segments": self._findings.unreadable_segments,
            },
        }

    def _hot_rows(self, state: State) -> dict[str, int]:
        counts = Counter(dict.fromkeys(TABLES, 0))
        for generation in state.generations.values():
            for (_, table), chunks in generation.chunks.items():
                counts[table] += sum(chunk.row_count for chunk in chunks)
        return dict(counts)
