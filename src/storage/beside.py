"""A data folder opened to be read, whether or not another process writes it meanwhile."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from goldeneye.errors import StartupError
from storage.backup import catalog_copy, log
from storage.backup.placing import Placer
from storage.catalog import Catalog
from storage.file_system import RealFileSystem
from storage.folders import Folders
from storage.lock import DataDirLock
from storage.recovery import open_copy_of_catalog


@dataclass(frozen=True)
class _WithCopiedLog(Folders):
    """The folder, with the log as it was at one instant."""

    copy: Path

    @property
    def wal(self) -> Path:
        return self.copy / "wal"


def opened_to_read(folders: Folders, where: Path, undo: ExitStack) -> tuple[Folders, Catalog]:
    """The folders to read from, and a catalog that names their files; `where` is empty.

    Beside a writer the log is copied and then the catalog: what left the log meanwhile is in
    files that it names. Those stay for ten minutes after they were merged or let go.
    """
    try:
        lock = DataDirLock(folders.data_dir, shared=True)
    except StartupError:
        return _beside_a_writer(folders, where, undo)
    undo.callback(lock.release)
    return folders, undo.enter_context(open_copy_of_catalog(folders, where))


def _beside_a_writer(folders: Folders, where: Path, undo: ExitStack) -> tuple[Folders, Catalog]:
    copied, fs = _WithCopiedLog(folders.data_dir, where), RealFileSystem()
    copied.wal.mkdir()
    segments = log.take(fs, Placer(fs), folders.wal, copied.wal)
    catalog = undo.enter_context(catalog_copy.copied(folders, where))
    log.drop_covered(fs, folders.wal, copied.wal, segments, catalog.segments())
    return copied, catalog
