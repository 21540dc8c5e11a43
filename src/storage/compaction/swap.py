"""A worker's file takes the place of others, in one transaction of the catalog."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from goldeneye.clock import Clock
from goldeneye.schemas import WITH_TRACE_FILTERS
from storage.book import Book
from storage.catalog import Catalog, CatalogFile, SeriesOfDay
from storage.compaction.worker_process import MergeFailed, MergeStopped, Worker
from storage.file_metadata import FileMetadata
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.lake import Lake
from storage.removal import Removal
from storage.trace_filter import path_of


class Swap:
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

    def stop(self) -> None:
        """End what is under way."""
        self._worker.stop()

    def replace(
        self,
        kind: str,
        task: Callable[[str, Path], Mapping[str, Any]],
        old: Sequence[CatalogFile],
    ) -> CatalogFile | None:
        """The new file; None where the worker found nothing to write.

        `kind` is the first letter of its id; `task` is given the id and where to write. Raises
        MergeFailed, MergeStopped, OSError, sqlite3.Error.
        """
        id_ = f"{kind}{self._clock.now_ns():020d}-{next(self._ordinals):04d}"
        staged = self._folders.staging / f"{id_}.parquet"
        try:
            done = self._worker.merge(task(id_, staged))
            if not done:
                return None
            metadata = FileMetadata.of(done["metadata"])
            if metadata.table in WITH_TRACE_FILTERS:
                self._fs.rename(path_of(staged), path_of(self._folders.file(id_)))
            self._fs.rename(staged, self._folders.file(id_))
        except (MergeFailed, MergeStopped, OSError):
            self._discard(staged)
            raise
        self._fs.sync_folder(self._folders.files)
        new = self._file(metadata, done, old)
        ids = [file.entry.id for file in old]
        self._catalog.replace(new, ids, self._clock.now_ns())
        self._lake.add([new])
        self._book.replaced(new.entry, ids)
        if old:
            self._removal.release(old)
        return new

    def _discard(self, staged: Path) -> None:
        """What a worker that failed has left, its spilled rows among it."""
        spilled = self._folders.staging.glob("duckdb_temp*")
        for path in (staged, path_of(staged), *spilled):
            if path.exists():
                self._fs.unlink(path)

    def _file(
        self, metadata: FileMetadata, done: Mapping[str, Any], old: Sequence[CatalogFile]
    ) -> CatalogFile:
        columns = tuple((name, kind) for name, kind in done["columns"])
        series: tuple[SeriesOfDay, ...] = ()
        if metadata.table == "metric_series":
            series = self._catalog.series_of(file.entry.id for file in old)
        path = self._folders.file(metadata.id)
        return metadata.catalog_file(path, done["size_bytes"], columns, done["crc32"], series)
