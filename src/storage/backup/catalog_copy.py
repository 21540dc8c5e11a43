"""The catalog as it is at one instant, also while a server writes it."""

import sqlite3
import time
from pathlib import Path
from typing import Final

from goldeneye.errors import StartupError
from storage import catalog
from storage.catalog import Catalog
from storage.folders import Folders
from storage.lock import DataDirLock
from storage.recovery import open_copy_of_catalog

# A server may start or stop at any moment, so that neither way works just then.
_ATTEMPTS: Final = 50
_PAUSE_S: Final = 0.1
_BUSY_TIMEOUT_S: Final = 10.0


def copied(folders: Folders, where: Path) -> Catalog:
    """A copy in the empty folder `where`. Raises StartupError where it cannot be had."""
    if not folders.catalog.exists():
        raise StartupError(f"{folders.data_dir}: there is no catalog in it; what is it?")
    fault: Exception | None = None
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_S)
        try:
            lock = DataDirLock(folders.data_dir, shared=True)
        except StartupError:
            try:
                return _of_running(folders, where)
            except sqlite3.Error as error:
                fault = error
                continue
        try:
            return open_copy_of_catalog(folders, where)
        finally:
            lock.release()
    raise StartupError(f"{folders.catalog}: cannot be copied: {fault}")


def _of_running(folders: Folders, where: Path) -> Catalog:
    """By SQLite, which waits for the transaction under way."""
    path = where / catalog.FILE_NAME
    path.unlink(missing_ok=True)
    uri = f"{folders.catalog.as_uri()}?mode=ro"
    source = sqlite3.connect(uri, _BUSY_TIMEOUT_S, uri=True)
    try:
        target = sqlite3.connect(path)
        try:
            source.backup(target)
        finally:
            target.close()
    finally:
        source.close()
    return Catalog(path, folders.files)
