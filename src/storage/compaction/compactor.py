"""Carries out one merge: in a worker process, swapped in one transaction of the catalog."""

import itertools
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from goldeneye.clock import Clock
from goldeneye.snapshot import FileEntry
from goldeneye.telemetry import COMPACTED_BYTES, COMPACTED_FILES, COMPACTION_FAILURES
from storage.book import Book
from storage.catalog import Catalog, CatalogFile, SeriesOfDay
from storage.compaction.plan import Job, jobs
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.generation_writer import FORMAT_VERSION
from storage.lake import Lake
from storage.removal import Removal

log = structlog.get_logger(__name__)
# A merge of 128 MiB takes seconds.
_TIMEOUT_S: Final = 600.0
# Files that could not be merged are left alone for this long.
_RETRY_S: Final = 3600.0


class MergeFailed(Exception):
    """What the worker said of it."""


class Worker:
    """Runs merges in processes, which `stop` ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Raises MergeFailed."""
        with self._lock:
            if self._stopped:
                raise MergeFailed("it is being stopped")
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "storage.compaction.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        try:
            output, errors = process.communicate(json.dumps(task), _TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise MergeFailed(f"it took longer than {_TIMEOUT_S:.0f} s") from None
        if process.returncode != 0:
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
    ) -> None:
        self._fs = fs
        self._folders = folders
        self._lake = lake
        self._catalog = catalog
        self._book = book
        self._removal = removal
        self._clock = clock
        self._worker = worker
        self._ordinals = itertools.count()
        self._not_before_s: dict[str, float] = {}

    def stop(self) -> None:
        """End the merge under way."""
        self._worker.stop()

    def run_one(self) -> bool:
        """Merge what is most worth it; whether there was something to merge."""
        job = self._next()
        if job is None:
            return False
        try:
            self._run(job)
        except (MergeFailed, OSError, sqlite3.Error) as error:
            COMPACTION_FAILURES.inc()
            later_s = self._clock.monotonic_s() + _RETRY_S
            self._not_before_s.update({file.entry.id: later_s for file in job.inputs})
            log.error(
                "files could not be merged; they stay as they are",
                files=[file.entry.path for file in job.inputs],
                error=str(error),
            )
        return True

    def _next(self) -> Job | None:
        now_s = self._clock.monotonic_s()
        self._not_before_s = {id_: at for id_, at in self._not_before_s.items() if at > now_s}
        files = [file for file in self._catalog.files() if file.entry.id not in self._not_before_s]
        return next(jobs(files, self._clock.now_ns()), None)

    def _run(self, job: Job) -> None:
        id_ = f"m{self._clock.now_ns():020d}-{next(self._ordinals):04d}"
        staged = self._folders.staging / f"{id_}.parquet"
        try:
            done = self._worker.merge(self._task(job, id_, staged))
        except MergeFailed:
            if staged.exists():
                self._fs.unlink(staged)
            raise
        self._fs.rename(staged, self._folders.file(id_))
        self._fs.sync_folder(self._folders.files)
        new = self._file(job, id_, done)
        self._catalog.replace(new, [file.entry.id for file in job.inputs], self._clock.now_ns())
        self._lake.add([new])
        self._book.replaced(new.entry, [file.entry.id for file in job.inputs])
        self._removal.release(job.inputs)
        COMPACTED_FILES.labels(new.entry.table).inc(len(job.inputs))
        COMPACTED_BYTES.labels(new.entry.table).inc(new.entry.size_bytes)

    def _task(self, job: Job, id_: str, staged: Path) -> dict[str, Any]:
        entries = [file.entry for file in job.inputs]
        return {
            "inputs": [entry.path for entry in entries],
            "output": str(staged),
            "metadata": {
                "version": FORMAT_VERSION,
                "id": id_,
                "table": entries[0].table,
                "tenant": entries[0].tenant,
                "day": job.partition.day,
                "hour": job.partition.hour,
                "min_time_ns": min(entry.min_time_ns for entry in entries),
                "max_time_ns": max(entry.max_time_ns for entry in entries),
                "max_received_ns": max(file.max_received_ns for file in job.inputs),
                "strays": sorted(frozenset().union(*(entry.strays for entry in entries))),
                "promotion": entries[0].promotion,
                "commit": [id_],
            },
        }

    def _file(self, job: Job, id_: str, done: Mapping[str, Any]) -> CatalogFile:
        entries = [file.entry for file in job.inputs]
        entry = FileEntry(
            id=id_,
            table=entries[0].table,
            tenant=entries[0].tenant,
            path=str(self._folders.file(id_)),
            row_count=done["row_count"],
            size_bytes=done["size_bytes"],
            min_time_ns=min(entry.min_time_ns for entry in entries),
            max_time_ns=max(entry.max_time_ns for entry in entries),
            columns=tuple((name, kind) for name, kind in done["columns"]),
            strays=frozenset[str]().union(*(entry.strays for entry in entries)),
            promotion=entries[0].promotion,
        )
        series: tuple[SeriesOfDay, ...] = ()
        if entry.table == "metric_series":
            series = self._catalog.series_of(one.id for one in entries)
        received_ns = max(file.max_received_ns for file in job.inputs)
        return CatalogFile(entry, job.partition, received_ns, series)
