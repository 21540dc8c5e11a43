"""Merges files while there are some that are worth it."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from goldeneye.clock import Clock
from goldeneye.limits import MIB
from goldeneye.schemas import PromotedKeys
from goldeneye.telemetry import COMPACTED_BYTES, COMPACTED_FILES, COMPACTION_FAILURES
from storage.catalog import Catalog, CatalogFile
from storage.compaction.plan import Job, jobs
from storage.compaction.room import Room, room_for
from storage.compaction.swap import Swap
from storage.compaction.worker_process import MergeFailed, MergeStopped
from storage.file_system import FileSystem
from storage.folders import Folders

log = structlog.get_logger(__name__)
# Files that could not be merged are left alone for this long.
_RETRY_S: Final = 3600.0


class Compactor:
    """Used by one thread."""

    def __init__(
        self,
        fs: FileSystem,
        folders: Folders,
        catalog: Catalog,
        clock: Clock,
        swap: Swap,
        promoted: PromotedKeys,
        min_free_bytes: int,
    ) -> None:
        """`promoted` are the keys that are promoted when rows are written."""
        self._fs = fs
        self._folders = folders
        self._catalog = catalog
        self._clock = clock
        self._swap = swap
        self._promoted = promoted
        self._min_free_bytes = min_free_bytes
        self._not_before_s: dict[str, float] = {}

    def stop(self) -> None:
        """End the merge under way."""
        self._swap.stop()

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
        new = self._swap.replace("m", partial(_task, job, room), job.inputs)
        if new is None:
            raise MergeFailed("the worker wrote nothing")
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
