"""The data folder's own folders, and where a file is linked for plain readers."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from goldeneye.errors import StartupError
from storage.catalog import FILE_NAME, CatalogFile, file_path
from storage.file_system import FileSystem
from storage.partitions import Partition

# Of a folder that is another's, of a disk that is read only, and of a file in its place.
_REFUSALS: Final = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR}


@dataclass(frozen=True)
class Folders:
    data_dir: Path

    @property
    def wal(self) -> Path:
        return self.data_dir / "wal"

    @property
    def staging(self) -> Path:
        return self.data_dir / "staging"

    @property
    def files(self) -> Path:
        return self.data_dir / "files"

    @property
    def lake(self) -> Path:
        return self.data_dir / "lake"

    @property
    def quarantine(self) -> Path:
        return self.data_dir / "quarantine"

    @property
    def catalog(self) -> Path:
        return self.data_dir / FILE_NAME

    def make(self, fs: FileSystem) -> None:
        for folder in (self.wal, self.staging, self.files, self.lake, self.quarantine):
            fs.make_folders(folder)

    def file(self, file_id: str) -> Path:
        return file_path(self.files, file_id)

    def partition(self, table: str, tenant: str, partition: Partition) -> Path:
        owner, day = f"tenant={quote(tenant, safe='')}", f"date={partition.date}"
        return self.lake / table / owner / day / f"hour={partition.hour:02d}"

    def link(self, file: CatalogFile) -> Path:
        """Where plain readers find the file."""
        entry = file.entry
        folder = self.partition(entry.table, entry.tenant, file.partition)
        return folder / f"{entry.id}.parquet"


@contextmanager
def writable(data_dir: Path) -> Iterator[None]:
    """A folder that cannot be made or written is the operator's to change: StartupError.

    A full or failing disk stays an OSError: it may be well again at the next start.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise StartupError(
            f"{error.filename or data_dir}: {error.strerror}. Goldeneye writes to its data folder: "
            "let the user that it runs as own it, or set data_dir to another."
        ) from error


def set_aside(fs: FileSystem, folders: Folders, path: Path) -> Path:
    """Move a file into `quarantine/`, durably, under a name that is free; where it is now."""
    target = folders.quarantine / path.name
    attempt = 1
    while target.exists():
        attempt += 1
        target = folders.quarantine / f"{path.name}.{attempt}"
    if path.stat().st_nlink > 1:
        # A rename onto another name of the same file would do nothing.
        fs.link(path, target)
        fs.unlink(path)
    else:
        fs.rename(path, target)
    fs.sync_folder(folders.quarantine)
    fs.sync_folder(path.parent)
    return target


def link_into_lake(fs: FileSystem, folders: Folders, files: list[CatalogFile]) -> None:
    """Give every file its name in the lake, durably; those that have it are left alone."""
    touched = set()
    for file in files:
        link = folders.link(file)
        if not link.exists():
            fs.make_folders(link.parent)
            fs.link(folders.file(file.entry.id), link)
            touched.add(link.parent)
    for folder in sorted(touched):
        fs.sync_folder(folder)
