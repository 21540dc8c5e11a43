"""Checking a data folder that no process holds: its catalog, files, links and log."""

import tempfile
from pathlib import Path

from goldeneye.errors import StartupError
from goldeneye.schemas import WITH_TRACE_FILTERS
from storage.catalog import CatalogFile
from storage.file_check import faults, remarks
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
    if not folders.wal.is_dir() and not folders.lake.is_dir():
        report.problems.append(f"{data_dir}: is no data folder: it has neither wal nor lake")
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
            removed = catalog.files(removed=True)
    except StartupError as error:
        report.problems.append(str(error))
        return
    for file in files:
        _check_file(folders, file, report)
    _check_names_in_files(folders, files + removed, report)
    _check_names_in_lake(folders, files, removed, report)
    for path in sorted(folders.staging.glob("*")):
        report.notes.append(f"{path}: was being written; a start deletes it")


def _check_file(folders: Folders, file: CatalogFile, report: Report) -> None:
    found = list(faults(folders, file))
    if not found and file.entry.table in WITH_TRACE_FILTERS:
        _check_traces(folders.file(file.entry.id), report)
    report.problems += found
    report.notes += remarks(folders, file)
    report.file_count += 1
    report.row_count += file.entry.row_count


def _check_names_in_files(folders: Folders, named: list[CatalogFile], report: Report) -> None:
    """What is only here is in no answer, and no reader of the lake sees it."""
    known = {folders.file(file.entry.id) for file in named}
    known |= set(map(path_of, known))
    for path in sorted(folders.files.glob("*")):
        if path not in known:
            fate = "deletes it" if path.suffix == SUFFIX else "sets it aside"
            report.notes.append(f"{path}: the catalog does not name it; a start {fate}")


def _check_names_in_lake(
    folders: Folders, files: list[CatalogFile], removed: list[CatalogFile], report: Report
) -> None:
    """Plain readers see everything that is here."""
    links = {folders.link(file) for file in files}
    removed_links = {folders.link(file) for file in removed}
    for path in sorted(folders.lake.rglob("*.parquet")):
        if path in removed_links:
            report.problems.append(f"{path}: its rows count no longer; a start deletes it")
        elif path not in links:
            report.problems.append(f"{path}: the catalog does not name it; a start sets it aside")


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
