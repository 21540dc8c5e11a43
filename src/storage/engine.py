"""The storage: groups in, snapshots out."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import structlog

from goldeneye.clock import Clock
from goldeneye.decoded import Decoded, Decoder, Group
from goldeneye.errors import StorageUnavailable
from goldeneye.schemas import DEFAULT_TENANT, OWN_TABLES, TABLES, Encoding, OwnTable, Signal
from goldeneye.snapshot import HotChunk
from storage import own_rows, recovery
from storage.backlog import Backlog
from storage.beside import opened_to_read
from storage.book import Book
from storage.catalog import Catalog, CatalogFile
from storage.compaction.compactor import Compactor
from storage.compaction.swap import Swap
from storage.compaction.worker_process import Worker
from storage.file_system import FileSystem, RealFileSystem
from storage.flusher import Flusher
from storage.folders import Folders, writable
from storage.lake import Lake
from storage.lock import DataDirLock
from storage.maintenance import Maintenance
from storage.pins import Pins
from storage.recovery import Findings
from storage.removal import Removal
from storage.replay import Publish, replay
from storage.replay_room import ReplayRoom
from storage.replayed import ReplayedBodies
from storage.rollups.roller import Roller
from storage.rows import HasRows, Rows
from storage.series_index import SeriesIndex
from storage.series_limits import SeriesLimits
from storage.settings import StorageSettings
from storage.state import State
from storage.tenant_snapshot import TenantSnapshot
from storage.wal import recovery as wal_recovery
from storage.wal.log import WriteAheadLog
from storage.wal.record import AnyRecord, OwnRecord, Record

log = structlog.get_logger(__name__)
_UNDO_TIMEOUT_S: Final = 10.0


class Storage:
    """One data folder (goldeneye.decoded.Committer, goldeneye.snapshot.SnapshotSource)."""

    def __init__(
        self,
        settings: StorageSettings,
        folders: Folders,
        catalog: Catalog,
        book: Book,
        findings: Findings,
        replayed: ReplayedBodies,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._folders = folders
        self._catalog = catalog
        self._book = book
        self._backlog = Backlog(book, settings.max_backlog_bytes, settings.max_hot_bytes)
        self._findings = findings
        self._replayed = replayed
        self._clock = clock
        self._wal: WriteAheadLog | None = None
        self._flusher: Flusher | None = None
        self._maintenance: Maintenance | None = None
        self._limits = SeriesLimits(settings.series, catalog.series, clock)
        self._pins = Pins()
        self._cleanups = ExitStack()

    @classmethod
    def open(
        cls,
        settings: StorageSettings,
        decoder: Decoder,
        clock: Clock,
        fs: FileSystem | None = None,
        read_only: bool = False,
        worker: Worker | None = None,
        threads: bool = True,
    ) -> Self:
        """Recover what is there and hold the folder until `close`.

        With `read_only` nothing is written, and a process may hold the folder: what the log holds
        now is replayed into memory. Without `threads` nothing is done beside; `tick` does it.
        Raises StartupError where the folder is held, or its catalog is missing or damaged.
        """
        fs = fs or RealFileSystem()
        folders = Folders(settings.data_dir)
        with ExitStack() as undo:
            if read_only:
                opened = cls._opened_to_read(settings, folders, clock, undo)
                opened._replay(decoder, opened._publish_read)
            else:
                opened = cls._opened(settings, folders, clock, fs, undo)
                opened._start(decoder, fs, worker or Worker(), threads, undo)
            opened._cleanups = undo.pop_all()
        return opened

    @classmethod
    def _opened(
        cls,
        settings: StorageSettings,
        folders: Folders,
        clock: Clock,
        fs: FileSystem,
        undo: ExitStack,
    ) -> Self:
        with writable(settings.data_dir):
            folders.make(fs)
            undo.callback(DataDirLock(settings.data_dir).release)
        catalog = undo.enter_context(recovery.open_catalog(fs, folders))
        recovery.check_promoted(catalog, settings.promoted)
        findings, files = Findings(), catalog.files()
        recovery.clean_up(fs, folders, catalog, files, findings)
        recovery.repair_links(fs, folders, files, findings)
        return cls._with_files(settings, folders, catalog, files, findings, clock)

    @classmethod
    def _opened_to_read(
        cls, settings: StorageSettings, folders: Folders, clock: Clock, undo: ExitStack
    ) -> Self:
        where = undo.enter_context(tempfile.TemporaryDirectory(prefix="goldeneye-"))
        folders, catalog = opened_to_read(folders, Path(where), undo)
        findings = Findings()
        files = catalog.files()
        recovery.without_missing(folders, files, findings)
        return cls._with_files(settings, folders, catalog, files, findings, clock)

    @classmethod
    def _with_files(
        cls,
        settings: StorageSettings,
        folders: Folders,
        catalog: Catalog,
        files: list[CatalogFile],
        findings: Findings,
        clock: Clock,
    ) -> Self:
        # Files that are missing stay in the book: who asks for their rows is told so.
        missing = {Path(path).stem for path in findings.missing_files}
        series = SeriesIndex(lambda tenant, day: catalog.series(tenant, day, missing))
        book = Book(State().with_files([file.entry for file in files]), series)
        replayed = ReplayedBodies(clock, catalog)
        return cls(settings, folders, catalog, book, findings, replayed, clock)

    def _start(
        self, decoder: Decoder, fs: FileSystem, worker: Worker, threads: bool, undo: ExitStack
    ) -> None:
        """Replay the log; who sends waits for that, but not for the files that it becomes."""
        settings = self._settings
        self._wal = WriteAheadLog(
            fs,
            self._folders.wal,
            recovery.next_segment_number(self._folders, self._catalog),
            settings.wal_sync,
            settings.segment_max_bytes,
            settings.segment_max_age_s,
            settings.min_free_bytes,
            self._clock,
        )
        lake = Lake(fs, self._folders)
        flusher = Flusher(
            fs,
            self._folders,
            lake,
            self._catalog,
            self._wal,
            self._book,
            self._clock,
            self._findings.damaged_segments,
            settings.promoted,
        )
        self._flusher = flusher
        flusher.count_files()
        wal_recovery.make_durable(fs, self._folders.wal)
        with ReplayRoom(self._book, self._backlog, flusher, threads) as room:
            covered = self._replay(decoder, room.publish)
        self._replayed.keep()
        flusher.recovered(covered)
        if threads:
            flusher.start()
        undo.callback(flusher.stop, _UNDO_TIMEOUT_S)
        self._maintenance = self._maintained_by(fs, lake, flusher, worker)
        if threads:
            self._maintenance.start()
        undo.callback(self._maintenance.stop, _UNDO_TIMEOUT_S)

    def _maintained_by(
        self, fs: FileSystem, lake: Lake, flusher: Flusher, worker: Worker
    ) -> Maintenance:
        folders, catalog, book, clock = self._folders, self._catalog, self._book, self._clock
        removal = Removal(fs, folders, lake, catalog, book, self._pins, clock)
        settings = self._settings
        swap = Swap(fs, folders, lake, catalog, book, removal, clock, worker)
        compactor = Compactor(
            fs, folders, catalog, clock, swap, settings.promoted, settings.min_free_bytes
        )
        retention = settings.retention
        roller = Roller(catalog, clock, swap, retention.max_age_ns["metric_rollups"])
        return Maintenance(
            catalog, removal, retention, roller, compactor, flusher.count_files, clock
        )

    def _replay(self, decoder: Decoder, publish: Publish) -> list[int]:
        return replay(
            self._folders, self._catalog, decoder, publish, self._replayed, self._findings
        )

    def _publish_read(
        self, number: int, groups: Sequence[HasRows], log_bytes: int, left_bytes: int
    ) -> None:
        with self._book.changed:
            self._book.publish(number, groups, log_bytes)

    def commit(self, groups: Sequence[Group]) -> None:
        """Make the groups durable, then visible; see goldeneye.decoded.Committer."""
        records = [
            Record(group.tenant, group.signal, group.encoding, received_time_ns, body)
            for group in groups
            for body, received_time_ns in zip(group.bodies, group.received_time_ns, strict=True)
        ]
        self._keep(records, groups)

    def within_limits(self, tenant: str, decoded: Decoded) -> Decoded:
        """See goldeneye.decoded.Committer."""
        return self._limits.within(tenant, decoded)

    def append_rows(
        self, rows: Mapping[OwnTable, pa.RecordBatch], tenant: str = DEFAULT_TENANT
    ) -> None:
        """Return once the rows of our own tables are durable and visible; as `commit` waits.

        Their `received_time` is set here. Raises StorageUnavailable with nothing of them kept,
        ValueError for rows that are not the table's.
        """
        now_ns = self._clock.now_ns()
        records: list[OwnRecord] = []
        batches: dict[str, pa.RecordBatch] = {}
        for table, given in rows.items():
            if given.num_rows:
                batch = batches[table] = own_rows.completed(table, given, now_ns)
                records.append(OwnRecord(tenant, table, now_ns, own_rows.encoded(batch)))
        self._keep(records, [Rows(tenant, Decoded(batches, []))])

    def _keep(self, records: Sequence[AnyRecord], groups: Sequence[HasRows]) -> None:
        """Log the records and publish the rows that they are."""
        if not records:
            return
        with self._book.changed:
            self._await_room(groups)
            wal = self._writable()
            # Between these two no segment may be sealed, or rows would be missing in its files.
            number = wal.append(records)
            self._book.publish(number, groups, sum(len(record.body) for record in records))
            generation = self._book.state.generations[number]
            if generation.size_bytes >= self._settings.segment_max_bytes:
                # The segment may be short, and its rows take as much memory as a full one's.
                wal.seal()

    def _await_room(self, groups: Sequence[HasRows]) -> None:
        try:
            self._backlog.await_room(groups, self._writable())
        except StorageUnavailable as error:
            fault = self._flusher.last_error if self._flusher else None
            if fault is None:
                raise
            raise StorageUnavailable(f"{error}; the last attempt failed: {fault}") from None

    def _writable(self) -> WriteAheadLog:
        if self._wal is None:
            raise StorageUnavailable(f"{self._settings.data_dir} is not open for writing")
        return self._wal

    def snapshot(self, tenant: str) -> TenantSnapshot:
        """One consistent instant of a tenant's files and hot rows."""
        return TenantSnapshot(self._book, tenant, self._pins)

    def watch(
        self, tenant: str, table: str, arrived: Callable[[HotChunk], None]
    ) -> AbstractContextManager[None]:
        """See goldeneye.snapshot.SnapshotSource."""
        return self._book.watchers.watch(tenant, table, arrived)

    def replayed(self, tenant: str, signal: Signal, encoding: Encoding, body: bytes) -> bool:
        """Whether an equal body was found in the log when the storage was opened."""
        return (tenant, signal, encoding, body) in self._replayed

    def flush(self) -> bool:
        """Write everything to files now; False where a part stays in the log."""
        return self._flusher.flush_all() if self._flusher else True

    def tick(self) -> None:
        """What the threads do from time to time, once, for who opened the storage without them."""
        for one in (self._flusher, self._maintenance):
            if one is not None:
                one.tick()

    def close(self, timeout_s: float) -> None:
        """Flush within the time and let go of the folder; what is left stays in the log.

        Raises TimeoutError, and keeps the folder, where a write to the disk hangs.
        """
        deadline_s = self._clock.monotonic_s() + timeout_s
        if self._maintenance is not None and not self._maintenance.stop(timeout_s):
            raise TimeoutError("maintenance did not end in time")
        if self._flusher is not None:
            if not self._flusher.stop(timeout_s):
                raise TimeoutError("the flush did not end in time; what is left stays in the log")
            with self._book.changed:
                if self._wal is not None:
                    self._wal.seal()
                self._wal = None
            if not self._flusher.flush_all(deadline_s):
                log.warning("not everything was written to files; the rest stays in the log")
        self._cleanups.close()

    def refusal(self) -> str | None:
        """Why a commit would be refused now, as far as is known without one."""
        wal = self._wal
        return wal.refusal() if wal is not None else "the storage is closed"

    def status(self) -> Mapping[str, Any]:
        """What /api/v1/status says of the storage."""
        state, flusher, found = self._book.state, self._flusher, self._findings
        return {
            "data_dir": str(self._settings.data_dir),
            "wal": {
                "sync": self._settings.wal_sync,
                "unflushed_bytes": state.unflushed_bytes(),
                "unflushed_segments": list(state.generations),
                "max_backlog_bytes": self._settings.max_backlog_bytes,
            },
            "hot": {
                "bytes": state.memory_bytes(),
                "max_bytes": self._settings.max_hot_bytes,
            },
            "min_free_bytes": self._settings.min_free_bytes,
            "hot_rows": _hot_rows(state),
            "files": state.file_totals(),
            "last_flush_error": flusher.last_error if flusher else None,
            "quarantine": sorted(path.name for path in self._folders.quarantine.glob("*")),
            "last_start": {
                "replayed_requests": found.replayed_records,
                "missing_files": found.missing_files,
                "set_aside": found.set_aside,
                "damage": found.damage,
                "unreadable_segments": found.unreadable_segments,
            },
        }


def _hot_rows(state: State) -> dict[str, int]:
    counts = Counter(dict.fromkeys((*TABLES, *OWN_TABLES), 0))
    for generation in state.generations.values():
        for (_, table), chunks in generation.chunks.items():
            counts[table] += sum(chunk.row_count for chunk in chunks)
    return dict(counts)
