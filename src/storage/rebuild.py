"""Making the catalog anew from what the files say of themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from goldeneye.errors import StartupError
from goldeneye.schemas import PROMOTED_PREFIXES
from goldeneye.snapshot import FileEntry
from storage import catalog as catalogs
from storage import parquet
from storage.catalog import Catalog, CatalogFile, Fate, SeriesOfDay
from storage.file_system import FileSystem, RealFileSystem
from storage.folders import Folders, set_aside
from storage.generation_writer import FORMAT_VERSION
from storage.lock import DataDirLock
from storage.partitions import Partition, days_of
from storage.report import Report
from storage.wal import segment


@dataclass(frozen=True)
class _Found:
    """A file, the segments that it covers, and the ids of all that were committed with it."""

    file: CatalogFile
    segments: tuple[int, ...]
    commit: tuple[str, ...]
    replaces: frozenset[str]


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
        except (OSError, ValueError, KeyError) as error:
            report.problems.append(f"{path}: is not taken: {error}")
    return found


def _of_file(path: Path) -> _Found:
    said, schema = parquet.read_metadata(path)
    if said["version"] > FORMAT_VERSION:
        raise ValueError(f"it has version {said['version']}; this Goldeneye reads {FORMAT_VERSION}")
    if said["id"] != path.stem:
        raise ValueError(f"it calls itself {said['id']}")
    entry = FileEntry(
        id=said["id"],
        table=said["table"],
        tenant=said["tenant"],
        path=str(path),
        row_count=said["row_count"],
        size_bytes=path.stat().st_size,
        min_time_ns=said["min_time_ns"],
        max_time_ns=said["max_time_ns"],
        columns=parquet.columns(schema),
        strays=frozenset(said["strays"]),
        promotion=said["promotion"],
    )
    file = CatalogFile(
        entry, Partition(said["day"], said["hour"]), said["max_received_ns"], _series(path, said)
    )
    return _Found(file, tuple(said["segments"]), tuple(said["commit"]), frozenset(said["replaces"]))


def _series(path: Path, said: dict[str, Any]) -> tuple[SeriesOfDay, ...]:
    """The ids of a file's series. The other halves of their hashes were in the catalog only."""
    if said["table"] != "metric_series":
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
    replaced = frozenset[str]().union(*(item.replaces for item in found))
    taken = [item for item in found if item.replaces and item.file.entry.id not in replaced]
    # What was merged is there in its other form.
    present = {item.file.entry.id for item in found} | replaced
    in_log = set(segment.numbers_in(folders.wal))
    commits: dict[tuple[str, ...], list[_Found]] = {}
    for item in found:
        if not item.replaces and item.file.entry.id not in replaced:
            commits.setdefault(item.commit, []).append(item)
    covered: set[int] = set()
    for ids, items in sorted(commits.items(), key=lambda entry: not present.issuperset(entry[0])):
        missing = sorted(set(ids) - present)
        segments = {number for item in items for number in item.segments}
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


def _names(items: Sequence[_Found]) -> str:
    return ", ".join(item.file.entry.path for item in items)


def _write(fs: FileSystem, folders: Folders, taken: list[_Found]) -> None:
    staged = folders.staging / catalogs.FILE_NAME
    for path in folders.staging.glob(f"{catalogs.FILE_NAME}*"):
        fs.unlink(path)
    catalogs.create(staged)
    with Catalog(staged, folders.files) as catalog:
        covered: dict[int, Fate] = {number: "covered" for item in taken for number in item.segments}
        catalog.commit([item.file for item in taken], covered)
        catalog.promote(dict(column for item in taken for column in _promoted(item.file.entry)))
    fs.sync_file(staged)
    for path in sorted(folders.data_dir.glob(f"{catalogs.FILE_NAME}*")):
        set_aside(fs, folders, path)
    fs.rename(staged, folders.catalog)
    fs.sync_folder(folders.data_dir)


def _promoted(entry: FileEntry) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in entry.columns if name.startswith(PROMOTED_PREFIXES)]
