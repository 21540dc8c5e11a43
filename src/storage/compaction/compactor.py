"""Carries out one merge: in a worker process, swapped in one transaction of the catalog."""

import itertools
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from goldeneye.clock import Clock
from goldeneye.limits import MIB
from goldeneye.schemas import WITH_TRACE_FILTERS, PromotedKeys
from goldeneye.telemetry import COMPACTED_BYTES, COMPACTED_FILES, COMPACTION_FAILURES
from storage.book import Book
from storage.catalog import Catalog, CatalogFile, SeriesOfDay
from storage.compaction.plan import Job, jobs
from storage.compaction.room import Room, room_for
from storage.file_metadata import FileMetadata
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.lake import Lake
from storage.removal import Removal
from storage.trace_filter import path_of

log = structlog.get_logger(__name__)
# A merge of 128 MiB takes seconds.
_TIMEOUT_S: Final = 600.0
# Files that could not be merged are left alone for this long.
_RETRY_S: Final = 3600.0


class MergeFailed(Exception):
    """What the worker said of it."""


class MergeStopped(Exception):
    """The server stops, and the merge with it."""


class Worker:
    """Runs merges in processes, which `stop` ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Raises MergeFailed, MergeStopped."""
        with self._lock:
            if self._stopped:
                raise MergeStopped
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "storage.compaction.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        try:
            timeout_s = task.get("timeout_s", _TIMEOUT_S)
            output, errors = process.communicate(json.dumps(task), timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise MergeFailed(f"it took longer than {timeout_s:.0f} s") from None
        if process.returncode != 0:
            if self._stopped:
                raise MergeStopped
            raise MergeFailed(errors.strip().rpartition("\n")[2] or f"exit {process.returncode}")
        found: dict[str, Any] = json.loads(output)
        return found

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


class Compactor:
    """Used by one thread."""

    def __init__(
        self,
        fs: FileSystem,
        folders: Folders,
        lake: Lake,
        catalog: Catalog,
        book: Book,
        removal: Removal,
        clock: Clock,
        worker: Worker,
        promoted: PromotedKeys,
        min_free_bytes: int,
    ) -> None:
        """`promoted` are the keys that are promoted when rows are written."""
        self._fs = fs
        self._folders = folders
        self._lake = lake
        self._catalog = catalog
        self._book = book
        self._removal = removal
        self._clock = clock
        self._worker = worker
        self._promoted = promoted
        self._min_free_bytes = min_free_bytes
        self._ordinals = itertools.count()
        self._not_before_s: dict[str, float] = {}

    def stop(self) -> None:
        """End the merge under way."""
        self._worker.stop()

    def merges(self) -> Iterator[None]:
        """Merge what is worth it, the oldest days first; yields after each merge.

        A listing of the catalog serves many merges, whose results the next listing shows.
        """
        while planned := self._planned(files := self._listing()):
            for job in planned:
                try:
                    new = self._run(job, files.values())
                except MergeStopped:
                    return
                except (MergeFailed, OSError, sqlite3.Error) as error:
                    self._failed(job, error)
                else:
                    files[new.entry.id] = new
                    for file in job.inputs:
                        del files[file.entry.id]
                yield

    def _listing(self) -> dict[str, CatalogFile]:
        return {file.entry.id: file for file in self._catalog.files()}

    def _planned(self, files: Mapping[str, CatalogFile]) -> list[Job]:
        now_s = self._clock.monotonic_s()
        self._not_before_s = {id_: at for id_, at in self._not_before_s.items() if at > now_s}
        ready = [file for id_, file in files.items() if id_ not in self._not_before_s]
        return list(jobs(ready, self._clock.now_ns()))

    def _failed(self, job: Job, error: Exception) -> None:
        COMPACTION_FAILURES.inc()
        later_s = self._clock.monotonic_s() + _RETRY_S
        # Its neighbours can be merged without a file that is gone or cut off.
        at_fault = [file for file in job.inputs if not _is_whole(file)] or job.inputs
        self._not_before_s.update({file.entry.id: later_s for file in at_fault})
        log.error(
            "files could not be merged; they stay as they are",
            files=[file.entry.path for file in job.inputs],
            error=str(error),
        )

    def _run(self, job: Job, files: Iterable[CatalogFile]) -> CatalogFile:
        """The new file; `files` are all that count."""
        self._check_free_space(job)
        room = room_for(job, files, self._catalog.promoted(), self._promoted)
        id_ = f"m{self._clock.now_ns():020d}-{next(self._ordinals):04d}"
        staged = self._folders.staging / f"{id_}.parquet"
        try:
            done = self._worker.merge(_task(job, room, id_, staged))
            if job.inputs[0].entry.table in WITH_TRACE_FILTERS:
                self._fs.rename(path_of(staged), path_of(self._folders.file(id_)))
            self._fs.rename(staged, self._folders.file(id_))
        except (MergeFailed, MergeStopped, OSError):
            for path in (staged, path_of(staged)):
                if path.exists():
                    self._fs.unlink(path)
            raise
        self._fs.sync_folder(self._folders.files)
        new = self._file(job, id_, done)
        self._catalog.replace(new, [file.entry.id for file in job.inputs], self._clock.now_ns())
        self._lake.add([new])
        self._book.replaced(new.entry, [file.entry.id for file in job.inputs])
        self._removal.release(job.inputs)
        COMPACTED_FILES.labels(new.entry.table).inc(len(job.inputs))
        COMPACTED_BYTES.labels(new.entry.table).inc(new.entry.size_bytes)
        return new

    def _check_free_space(self, job: Job) -> None:
        """Both are on the disk for a while; what is kept back is for the log."""
        free_bytes = self._fs.free_bytes(self._folders.files)
        needed_bytes = sum(file.entry.size_bytes for file in job.inputs) + self._min_free_bytes
        if free_bytes < needed_bytes:
            raise MergeFailed(
                f"the disk has {free_bytes // MIB} MiB free, and {needed_bytes // MIB} MiB would "
                "be needed, with what storage.min_free_mib keeps back"
            )

    def _file(self, job: Job, id_: str, done: Mapping[str, Any]) -> CatalogFile:
        metadata = FileMetadata.of(done["metadata"])
        columns = tuple((name, kind) for name, kind in done["columns"])
        series: tuple[SeriesOfDay, ...] = ()
        if metadata.table == "metric_series":
            series = self._catalog.series_of(file.entry.id for file in job.inputs)
        path = self._folders.file(id_)
        return metadata.catalog_file(path, done["size_bytes"], columns, done["crc32"], series)


def _is_whole(file: CatalogFile) -> bool:
    try:
        return os.stat(file.entry.path).st_size == file.entry.size_bytes
    except OSError:
        return False


def _task(job: Job, room: Room, id_: str, staged: Path) -> dict[str, Any]:
    return {
        "inputs": [file.entry.path for file in job.inputs],
        "output": str(staged),
        "id": id_,
        "day": job.partition.day,
        "hour": job.partition.hour,
        "room": room.as_json(),
    }
