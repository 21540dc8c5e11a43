"""The names in `lake/`, by which readers other than Goldeneye find the files that count."""

import threading
from collections.abc import Sequence

import structlog

from storage.catalog import CatalogFile
from storage.file_system import FileSystem
from storage.folders import Folders, link_into_lake

log = structlog.get_logger(__name__)


class Lake:
    """Remembers which committed files still lack their name: a full disk may take several attempts.

    Files are added by the flush and by compaction, and taken away by removal.
    """

    def __init__(self, fs: FileSystem, folders: Folders) -> None:
        self._fs = fs
        self._folders = folders
        self._lock = threading.Lock()
        self._waiting: list[CatalogFile] = []

    def add(self, files: Sequence[CatalogFile]) -> None:
        with self._lock:
            self._waiting += files
        self.retry()

    def retry(self) -> None:
        """Link what still waits for it."""
        with self._lock:
            try:
                link_into_lake(self._fs, self._folders, self._waiting)
                self._waiting = []
            except OSError as error:
                log.error("linking into the lake failed; it is tried again", error=str(error))

    def forget(self, files: Sequence[CatalogFile]) -> None:
        """The files count no longer: a name that they lack they shall not get."""
        gone = {file.entry.id for file in files}
        with self._lock:
            self._waiting = [file for file in self._waiting if file.entry.id not in gone]
