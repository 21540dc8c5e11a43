"""Making the catalog anew from what the files say of themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from goldeneye.errors import StartupError
from goldeneye.schemas import PROMOTED_PREFIXES, ROLLED_UP
from storage import catalog as catalogs
from storage import parquet
from storage.catalog import Catalog, CatalogFile, Fate, SeriesOfDay
from storage.file_metadata import FileMetadata
from storage.file_system import FileSystem, RealFileSystem
from storage.folders import Folders, set_aside
from storage.lock import DataDirLock
from storage.partitions import days_of
from storage.report import Report
from storage.wal import segment


@dataclass(frozen=True)
class _Found:
    """A file, and what it says of itself."""

    file: CatalogFile
    said: FileMetadata


def rebuild_catalog(data_dir: Path, fs: FileSystem | None = None) -> Report:
    """Make the catalog anew; the old one is set aside. StartupError where a process holds it.

    `problems` of the report are files that could not be taken.
    """
    fs = fs or RealFileSystem()
    folders, report = Folders(data_dir), Report(data_dir)
    if not folders.files.is_dir():
        raise StartupError(f"{data_dir}: there are no files to make a catalog from")
    folders.make(fs)
    lock = DataDirLock(data_dir)
    try:
        taken = _chosen(_read(folders, report), folders, report)
        _write(fs, folders, taken)
    finally:
        lock.release()
    report.file_count = len(taken)
    report.row_count = sum(found.file.entry.row_count for found in taken)
    report.notes.append(f"{folders.catalog}: was made anew")
    return report


def _read(folders: Folders, report: Report) -> list[_Found]:
    found = []
    for path in sorted(folders.files.glob("*.parquet")):
        try:
            found.append(_of_file(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            report.problems.append(f"{path}: is not taken: {error}")
    return found


def _of_file(path: Path) -> _Found:
    text, schema = parquet.read_metadata(path)
    said = FileMetadata.of(text)
    if said.id != path.stem:
        raise ValueError(f"it calls itself {said.id}")
    size_bytes, columns = path.stat().st_size, parquet.columns(schema)
    # Reckoning the checksum of a damaged file would only make the damage official.
    file = said.catalog_file(path, size_bytes, columns, None, _series(path, said.table))
    return _Found(file, said)


def _series(path: Path, table: str) -> tuple[SeriesOfDay, ...]:
    """The ids of a file's series. The other halves of their hashes were in the catalog only."""
    if table != "metric_series":
        return ()
    rows = pq.read_table(path, columns=["series_id", "day"], partitioning=None)
    days = days_of("metric_series", rows)
    ids = np.asarray(rows.column("series_id"), np.uint64)
    return tuple(
        SeriesOfDay(int(day), ids[days == day], np.zeros(int((days == day).sum()), np.uint64))
        for day in np.unique(days)
    )


def _chosen(found: list[_Found], folders: Folders, report: Report) -> list[_Found]:
    """Merged files, then whole commits first; each segment's rows once (docs/format.md)."""
    replaced = frozenset[str]().union(*(item.said.replaces for item in found))
    taken = [
        item
        for item in found
        if (item.said.replaces or _is_rolled_up(item)) and item.file.entry.id not in replaced
    ]
    # What was merged is there in its other form.
    present = {item.file.entry.id for item in found} | replaced
    in_log = set(segment.numbers_in(folders.wal))
    commits: dict[tuple[str, ...], list[_Found]] = {}
    for item in found:
        if not (item.said.replaces or _is_rolled_up(item) or item.file.entry.id in replaced):
            commits.setdefault(item.said.commit, []).append(item)
    covered: set[int] = set()
    for ids, items in sorted(commits.items(), key=lambda entry: not present.issuperset(entry[0])):
        missing = sorted(set(ids) - present)
        segments = {number for item in items for number in item.said.segments}
        if segments & covered:
            report.notes.append(f"{_names(items)}: not taken, other files cover the same segment")
            continue
        if missing and segments & in_log:
            report.notes.append(f"{_names(items)}: not taken, the log holds all of these rows")
            continue
        report.problems += [f"{folders.file(id_)}: is missing" for id_ in missing]
        covered |= segments
        taken += items
    return taken


def _is_rolled_up(item: _Found) -> bool:
    """Whether its segments are those that were looked at, not those whose rows it has."""
    return item.said.table in ROLLED_UP


def _names(items: Sequence[_Found]) -> str:
    return ", ".join(item.file.entry.path for item in items)


def _write(fs: FileSystem, folders: Folders, taken: list[_Found]) -> None:
    staged = folders.staging / catalogs.FILE_NAME
    for path in folders.staging.glob(f"{catalogs.FILE_NAME}*"):
        fs.unlink(path)
    catalogs.create(staged)
    with Catalog(staged, folders.files) as catalog:
        numbers = {
            number for item in taken if not _is_rolled_up(item) for number in item.said.segments
        }
        covered: dict[int, Fate] = dict.fromkeys(numbers, "covered")
        catalog.commit([item.file for item in taken], covered)
        columns = (column for item in taken for column in item.file.entry.columns)
        catalog.promote(
            {name: kind for name, kind in columns if name.startswith(PROMOTED_PREFIXES)}
        )
    fs.sync_file(staged)
    for path in sorted(folders.data_dir.glob(f"{catalogs.FILE_NAME}*")):
        set_aside(fs, folders, path)
    fs.rename(staged, folders.catalog)
    fs.sync_folder(folders.data_dir)
