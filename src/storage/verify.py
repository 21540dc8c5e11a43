"""Checking a data folder that no process holds: its catalog, files, links and log."""

import tempfile
from pathlib import Path

import pyarrow as pa

from goldeneye.errors import StartupError
from goldeneye.schemas import WITH_TRACE_FILTERS
from storage import parquet
from storage.catalog import CatalogFile
from storage.folders import Folders
from storage.lock import DataDirLock
from storage.rebuild import rebuild_catalog
from storage.recovery import open_copy_of_catalog
from storage.report import Report
from storage.trace_filter import SUFFIX, filter_of, path_of
from storage.wal import recovery as wal_recovery

__all__ = ["Report", "rebuild_catalog", "verify"]


def verify(data_dir: Path) -> Report:
    """Read every file and segment whole; writes nothing. StartupError where a process holds it."""
    folders, report = Folders(data_dir), Report(data_dir)
    if not data_dir.is_dir():
        report.problems.append(f"{data_dir}: there is no such folder")
        return report
    lock = DataDirLock(data_dir, shared=True)
    try:
        _check_catalog(folders, report)
        _check_log(folders, report)
        _note_quarantine(folders, report)
    finally:
        lock.release()
    return report


def _check_catalog(folders: Folders, report: Report) -> None:
    try:
        with (
            tempfile.TemporaryDirectory(prefix="goldeneye-") as where,
            open_copy_of_catalog(folders, Path(where)) as catalog,
        ):
            files = catalog.files()
            removed = {folders.file(file.entry.id) for file in catalog.files(removed=True)}
    except StartupError as error:
        report.problems.append(str(error))
        return
    for file in files:
        _check_file(folders, file, report)
    known = {folders.file(file.entry.id) for file in files} | removed
    known |= set(map(path_of, known))
    for path in sorted(folders.files.glob("*")):
        if path not in known:
            fate = "deletes it" if path.suffix == SUFFIX else "sets it aside"
            report.notes.append(f"{path}: the catalog does not name it; a start {fate}")


def _check_file(folders: Folders, file: CatalogFile, report: Report) -> None:
    path = folders.file(file.entry.id)
    if not path.exists():
        where = f"; it is still there as {link}" if (link := folders.link(file)).exists() else ""
        report.problems.append(f"{path}: is missing, with {file.entry.row_count} rows{where}")
        return
    if not folders.link(file).exists():
        report.notes.append(f"{folders.link(file)}: the link is missing; a start makes it anew")
    try:
        rows = parquet.count_rows(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        report.problems.append(f"{path}: is damaged: {error}")
        return
    if rows != file.entry.row_count:
        report.problems.append(
            f"{path}: has {rows} rows, and the catalog says {file.entry.row_count}"
        )
    if file.entry.table in WITH_TRACE_FILTERS:
        _check_traces(path, report)
    report.file_count += 1
    report.row_count += rows


def _check_traces(file: Path, report: Report) -> None:
    path = path_of(file)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        report.notes.append(f"{path}: is missing; who looks for a trace reads the file itself")
        return
    if data != filter_of(file):
        report.problems.append(f"{path}: does not say which traces its file has; delete it")


def _check_log(folders: Folders, report: Report) -> None:
    for found in wal_recovery.segments(folders.wal):
        if found.unreadable:
            report.problems.append(f"{found.path}: {found.unreadable}")
            continue
        count = sum(1 for _ in found.records())
        report.problems += map(str, found.damage)
        report.notes.append(f"{found.path}: {count} requests, written as files at the next start")


def _note_quarantine(folders: Folders, report: Report) -> None:
    for path in sorted(folders.quarantine.glob("*")):
        report.notes.append(f"{path}: was set aside")
