"""What a start finds beside the log, and does about it. Nothing is deleted that might be data."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from goldeneye.errors import StartupError
from goldeneye.schemas import TABLES, PromotedKeys, hot
from storage import catalog
from storage.catalog import Catalog, CatalogFile, damaged
from storage.file_system import FileSystem
from storage.folders import Folders, link_into_lake, set_aside
from storage.parquet import duckdb_type
from storage.trace_filter import SUFFIX, path_of
from storage.upgrade import upgrade, upgrade_in_place
from storage.wal import segment

log = structlog.get_logger(__name__)


@dataclass
class Findings:
    """What the operator should know of the last start."""

    missing_files: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    unreadable_segments: list[str] = field(default_factory=list)
    damaged_segments: set[int] = field(default_factory=set)
    replayed_records: int = 0


def open_catalog(fs: FileSystem, folders: Folders) -> Catalog:
    """The catalog, new where there is nothing yet; StartupError where it is gone or damaged."""
    if not folders.catalog.exists():
        _demand_no_files(folders)
        staged = folders.staging / catalog.FILE_NAME
        for path in folders.staging.glob(f"{catalog.FILE_NAME}*"):
            fs.unlink(path)
        catalog.create(staged)
        fs.sync_file(staged)
        # Complete or not there: half a catalog would look like a damaged one.
        fs.rename(staged, folders.catalog)
        fs.sync_folder(folders.data_dir)
    upgrade_in_place(fs, folders)
    return Catalog(folders.catalog, folders.files)


def open_copy_of_catalog(folders: Folders, where: Path) -> Catalog:
    """The catalog as it is now, in another folder: SQLite cannot read without writing beside."""
    copy = where / catalog.FILE_NAME
    if folders.catalog.exists():
        for path in folders.data_dir.glob(f"{catalog.FILE_NAME}*"):
            if not path.name.endswith("-shm"):
                shutil.copyfile(path, where / path.name)
    else:
        _demand_no_files(folders)
        catalog.create(copy)
    upgrade(copy, folders.files)
    return Catalog(copy, folders.files)


def _demand_no_files(folders: Folders) -> None:
    if any(_parquet_in(folders.files, folders.lake)):
        raise damaged(folders.data_dir, "it is missing, and there are files beside it")


def _parquet_in(*roots: Path) -> Iterator[Path]:
    for root in roots:
        yield from root.rglob("*.parquet")


def check_promoted(catalog: Catalog, promoted: PromotedKeys) -> None:
    """StartupError where a promoted key's type is not the one that its files have."""
    wanted = {
        column.name: duckdb_type(column.type)
        for table in TABLES
        for column in hot(table, promoted)
        if column.name.startswith(("attributes.", "resource_attributes."))
    }
    known: dict[bytes, str] = {}
    for name in (*catalog.promoted(), *wanted):
        other = known.setdefault(name.encode().lower(), name)
        if other != name:
            raise StartupError(
                f"storage.promote: {name} cannot be promoted: {other} is a column already, and SQL "
                "does not tell names apart by the case of their letters. Leave it out."
            )
    for name, kind in catalog.promote(wanted).items():
        raise StartupError(
            f"storage.promote: {name} was promoted as {kind} when its first files were written, "
            f"and cannot become {wanted[name]}. Give it its former type."
        )


def clean_up(
    fs: FileSystem,
    folders: Folders,
    catalog: Catalog,
    files: list[CatalogFile],
    findings: Findings,
) -> None:
    """Empty `staging/`, delete what is listed for it, set aside what the catalog does not name."""
    for path in sorted(folders.staging.iterdir()):
        fs.unlink(path)
    _delete_removed(fs, folders, catalog)
    named = {folders.file(file.entry.id) for file in files}
    known = named | set(map(path_of, named))
    links = {folders.link(file) for file in files}
    strangers = [path for path in sorted(folders.files.iterdir()) if path not in known]
    strangers += [path for path in sorted(_parquet_in(folders.lake)) if path not in links]
    for path in strangers:
        if path.suffix == SUFFIX:
            # What it says of a file can be made anew from the file.
            fs.unlink(path)
            continue
        now = set_aside(fs, folders, path)
        findings.set_aside.append(str(path))
        log.warning(
            "a file that the catalog does not name is set aside", path=str(path), now=str(now)
        )


def _delete_removed(fs: FileSystem, folders: Folders, catalog: Catalog) -> None:
    """Delete files listed as to be deleted: nobody can hold them before the start is over."""
    removed = catalog.files(removed=True)
    for file in removed:
        stored = folders.file(file.entry.id)
        for path in (folders.link(file), path_of(stored), stored):
            if path.exists():
                fs.unlink(path)
    # Also those whose files an earlier start deleted, perhaps not durably.
    for folder in sorted({folders.link(file).parent for file in removed}):
        if folder.is_dir():
            fs.sync_folder(folder)
    if removed:
        fs.sync_folder(folders.files)
        catalog.forget_files(file.entry.id for file in removed)


def repair_links(
    fs: FileSystem, folders: Folders, files: list[CatalogFile], findings: Findings
) -> None:
    """Give every file both of its names; those that are gone are reported."""
    for file in files:
        path, link = folders.file(file.entry.id), folders.link(file)
        if not path.exists() and link.exists():
            fs.link(link, path)
            fs.sync_folder(folders.files)
    link_into_lake(fs, folders, without_missing(folders, files, findings))


def without_missing(
    folders: Folders, files: list[CatalogFile], findings: Findings
) -> list[CatalogFile]:
    """The files that are there; those that are gone are reported."""
    present = []
    for file in files:
        path = folders.file(file.entry.id)
        if path.exists():
            present.append(file)
            continue
        findings.missing_files.append(str(path))
        log.error(
            "a file is missing; answers that lack its rows name it. Put it back from a copy",
            path=str(path),
            table=file.entry.table,
            rows=file.entry.row_count,
        )
    return present


def next_segment_number(folders: Folders, catalog: Catalog) -> int:
    """Greater than any that was ever used."""
    used = [0, *catalog.segments(), *segment.numbers_in(folders.wal)]
    return max([*used, *segment.numbers_in(folders.quarantine)]) + 1
