"""Deleting files in two steps: they cease to count at once, and vanish when nobody holds them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from goldeneye.clock import Clock
from storage.book import Book
from storage.catalog import Catalog, CatalogFile
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.lake import Lake
from storage.pins import Pins
from storage.retention import days_of_series
from storage.trace_filter import path_of

log = structlog.get_logger(__name__)
# Other readers of the folder may still be at work on a file that they opened by its name.
KEPT_AFTER_LAST_PIN_S: Final = 600.0


@dataclass(frozen=True)
class _Waiting:
    mark: int
    files: Sequence[CatalogFile]
    unpinned_s: float | None = None


class Removal:
    """Used by one thread."""

    def __init__(
        self,
        fs: FileSystem,
        folders: Folders,
        lake: Lake,
        catalog: Catalog,
        book: Book,
        pins: Pins,
        clock: Clock,
    ) -> None:
        self._fs = fs
        self._folders = folders
        self._lake = lake
        self._catalog = catalog
        self._book = book
        self._pins = pins
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        # Where a sync failed after an unlink: the next attempt finds no name to unlink.
        self._unsynced: set[Path] = set()

    def remove(self, files: Sequence[CatalogFile]) -> list[CatalogFile]:
        """The files cease to count, those of series whose points are under way excepted."""
        with self._book.changed:
            # Under this lock no point can be admitted whose series is about to go.
            gone = [file for file in files if self._may_go(file)]
            ids = [file.entry.id for file in gone]
            self._catalog.list_as_removed(ids, self._clock.now_ns())
            self._book.removed(ids)
        if gone:
            self.release(gone)
        return gone

    def release(self, files: Sequence[CatalogFile]) -> None:
        """These count no longer already: their names in the lake go now, they themselves later."""
        self._lake.forget(files)
        self._keep_waiting(_Waiting(self._pins.mark(), files))

    def _keep_waiting(self, waiting: _Waiting) -> None:
        """Their names that a failing disk left are tried again each time."""
        self._waiting.append(waiting)
        for file in waiting.files:
            self._unlink(file, only_link=True)

    def _may_go(self, file: CatalogFile) -> bool:
        if file.entry.table != "metric_series":
            return True
        tenant = file.entry.tenant
        return all(self._book.series.let_go((tenant, day)) for day in days_of_series(file))

    def delete_unpinned(self) -> None:
        """Delete what ceased to count, ten minutes after the last query that might read it."""
        now_s = self._clock.monotonic_s()
        for _ in range(len(self._waiting)):
            waiting = self._waiting.popleft()
            if waiting.unpinned_s is None and not self._pins.any_before(waiting.mark):
                waiting = replace(waiting, unpinned_s=now_s)
            due_s = waiting.unpinned_s
            if due_s is None or now_s < due_s + KEPT_AFTER_LAST_PIN_S or not self._delete(waiting):
                self._keep_waiting(waiting)

    def _delete(self, waiting: _Waiting) -> bool:
        done = [file.entry.id for file in waiting.files if self._unlink(file)]
        self._catalog.forget_files(done)
        return len(done) == len(waiting.files)

    def _unlink(self, file: CatalogFile, only_link: bool = False) -> bool:
        """Whether the file, or its name in the lake, is gone."""
        link, path = self._folders.link(file), self._folders.file(file.entry.id)
        try:
            for one in (link,) if only_link else (link, path_of(path), path):
                if one.exists():
                    self._fs.unlink(one)
                    self._unsynced.add(one.parent)
                if one.parent in self._unsynced:
                    self._fs.sync_folder(one.parent)
                    self._unsynced.discard(one.parent)
        except OSError as error:
            log.warning("a file stays for now", path=str(path), error=str(error))
            return False
        return True
