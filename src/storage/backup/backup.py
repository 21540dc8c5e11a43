"""Taking a backup: the log, then the catalog, then the files that the catalog names."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from goldeneye.errors import ConfigurationError, StorageUnavailable
from goldeneye.limits import MIB
from storage.backup import catalog_copy, log, state_copy
from storage.backup.placing import Placer
from storage.catalog import FILE_NAME, CatalogFile
from storage.file_system import FileSystem, RealFileSystem
from storage.folders import Folders, link_into_lake

INCOMPLETE: Final = ".incomplete"
# Each begins with a newer catalog and what was copied already, so that the last is short.
_MAX_ROUNDS: Final = 20


@dataclass
class Backup:
    """What was taken. `missing` are files that the data folder itself lacks."""

    target: Path
    file_count: int = 0
    row_count: int = 0
    segment_count: int = 0
    linked_bytes: int = 0
    copied_bytes: int = 0
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.target}: {self.file_count} files with {self.row_count} rows, and "
            f"{self.segment_count} segments of the log; {self.linked_bytes / MIB:.1f} MiB linked, "
            f"{self.copied_bytes / MIB:.1f} MiB copied"
        )


def back_up(data_dir: Path, target: Path, fs: FileSystem | None = None) -> Backup:
    """Make `target` a data folder with all that was acknowledged before this was called.

    Raises ConfigurationError where it may not lie there, StorageUnavailable where it cannot be
    written, and StartupError where there is nothing to be copied; then nothing of it stays.
    """
    fs = fs or RealFileSystem()
    incomplete = _prepared(fs, data_dir, target)
    try:
        found = _Taking(fs, Folders(data_dir), Folders(incomplete)).take(target)
        fs.rename(incomplete, target)
        fs.sync_folder(target.parent)
        return found
    except OSError as error:
        raise StorageUnavailable(f"{target}: the backup was given up: {error}") from error
    finally:
        shutil.rmtree(incomplete, ignore_errors=True)


def _prepared(fs: FileSystem, data_dir: Path, target: Path) -> Path:
    """The folder beside the target that becomes it in the end."""
    if not data_dir.is_dir():
        raise ConfigurationError(f"{data_dir}: there is no such folder")
    if target.resolve().is_relative_to(data_dir.resolve()):
        raise ConfigurationError(f"{target}: a backup cannot lie in the data folder itself")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigurationError(f"{target}: is not empty; a backup needs a folder of its own")
    if target.is_mount():
        raise ConfigurationError(f"{target}: is a mount point; choose a folder below it")
    incomplete = target.with_name(target.name + INCOMPLETE)
    try:
        fs.make_folders(incomplete.parent)
        incomplete.mkdir()
    except FileExistsError:
        raise ConfigurationError(
            f"{incomplete}: another backup goes on there, or was cut off; then delete it"
        ) from None
    except OSError as error:
        raise StorageUnavailable(f"{incomplete}: cannot be made: {error.strerror}") from error
    return incomplete


class _Taking:
    def __init__(self, fs: FileSystem, source: Folders, target: Folders) -> None:
        self._fs = fs
        self._source = source
        self._target = target
        self._placer = Placer(fs)
        self._gone: set[str] = set()

    def take(self, name: Path) -> Backup:
        self._target.make(self._fs)
        for _ in range(_MAX_ROUNDS):
            with tempfile.TemporaryDirectory(prefix="goldeneye-") as where:
                found = self._round(Path(where), Backup(name))
            if found is not None:
                found.linked_bytes = self._placer.linked_bytes
                found.copied_bytes = self._placer.copied_bytes
                return found
        raise StorageUnavailable(f"{name}: files went away quicker than they could be copied")

    def _round(self, where: Path, found: Backup) -> Backup | None:
        """None where a file went away before it was copied: the catalog has changed since."""
        segments = self._take_log()
        with catalog_copy.copied(self._source, where) as catalog:
            files, fates = catalog.files(), catalog.segments()
        wal = (self._source.wal, self._target.wal)
        segments = log.drop_covered(self._fs, *wal, segments, fates)
        missing = self._take_files(files)
        if missing - self._gone:
            self._gone = missing
            return None
        self._finish(where / FILE_NAME, files, missing)
        found.segment_count = len(segments)
        found.missing = sorted(str(self._source.file(id_)) for id_ in missing)
        found.file_count = len(files) - len(missing)
        found.row_count = sum(f.entry.row_count for f in files if f.entry.id not in missing)
        return found

    def _take_log(self) -> list[int]:
        for path in self._target.wal.iterdir():
            self._fs.unlink(path)
        return log.take(self._fs, self._placer, self._source.wal, self._target.wal)

    def _take_files(self, files: list[CatalogFile]) -> set[str]:
        """All that the catalog names, and what belongs to them; the ids of those that are gone."""
        beside: dict[str, list[Path]] = {}
        for path in self._source.files.iterdir():
            beside.setdefault(path.name.partition(".")[0], []).append(path)
        return {file.entry.id for file in files if not self._take_file(file.entry.id, beside)}

    def _take_file(self, id_: str, beside: dict[str, list[Path]]) -> bool:
        found = beside.get(id_, [])
        try:
            for path in found:
                copy = self._target.files / path.name
                if not copy.exists():
                    self._placer.place(path, copy)
        except FileNotFoundError:
            return False
        return self._source.file(id_) in found

    def _finish(self, catalog: Path, files: list[CatalogFile], missing: set[str]) -> None:
        """Delete what earlier rounds took and the catalog does not name; the catalog comes last."""
        named = {file.entry.id for file in files}
        for path in self._target.files.iterdir():
            if path.name.partition(".")[0] not in named:
                self._fs.unlink(path)
        present = [file for file in files if file.entry.id not in missing]
        link_into_lake(self._fs, self._target, present)
        for folder in (self._target.files, self._target.wal):
            self._fs.sync_folder(folder)
        with tempfile.TemporaryDirectory(prefix="goldeneye-") as where:
            for state in state_copy.copied(self._source.data_dir, Path(where)):
                self._placer.copy(state, self._target.data_dir / state.name)
        self._placer.copy(catalog, self._target.catalog)
        self._fs.sync_folder(self._target.data_dir)
