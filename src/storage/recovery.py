"""What a start finds, and what it does about it. Nothing is deleted that might be data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from goldeneye.decoded import Decoder, Group
from goldeneye.limits import MIB
from storage.catalog import Catalog, CatalogFile, damaged
from storage.file_system import FileSystem
from storage.folders import Folders, link_into_lake
from storage.replayed import ReplayedBodies
from storage.wal import recovery as wal_recovery
from storage.wal import segment
from storage.wal.record import Record
from storage.wal.recovery import RecoveredSegment

log = structlog.get_logger(__name__)
# Bodies are decoded together up to this many bytes, so that a replay is as quick as ingest.
_GROUP_BYTES: Final = 8 * MIB
Publish = Callable[[int, list[Group]], None]


@dataclass
class Findings:
    """What the operator should know of the last start."""

    missing_files: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    unreadable_segments: list[str] = field(default_factory=list)
    damaged_segments: set[int] = field(default_factory=set)
    replayed_records: int = 0


def open_catalog(folders: Folders, read_only: bool = False) -> Catalog:
    """The catalog, new where there is nothing yet; StartupError where it is gone or damaged."""
    if not folders.catalog.exists() and any(_parquet_in(folders.files, folders.lake)):
        raise damaged(folders.catalog, "it is missing, and there are files beside it")
    return Catalog(folders.catalog, read_only)


def _parquet_in(*roots: Path) -> Iterator[Path]:
    for root in roots:
        yield from root.rglob("*.parquet")


def clean_up(fs: FileSystem, folders: Folders, files: list[CatalogFile]) -> None:
    """Empty `staging/`, and set aside what `files/` and `lake/` hold beyond the catalog."""
    for path in folders.staging.iterdir():
        fs.unlink(path)
    known = {file.entry.id for file in files}
    for path in sorted(folders.files.iterdir()):
        if path.stem not in known:
            set_aside(fs, folders, path)
    links = {folders.link(file) for file in files}
    for path in sorted(folders.lake.rglob("*.parquet")):
        if path not in links:
            set_aside(fs, folders, path)


def set_aside(fs: FileSystem, folders: Folders, path: Path) -> None:
    """Move a file that nothing names into `quarantine/`."""
    target = folders.quarantine / path.name
    log.warning("a file that no catalog names is set aside", path=str(path), now=str(target))
    fs.rename(path, target)
    fs.sync_folder(folders.quarantine)
    fs.sync_folder(path.parent)


def repair_links(
    fs: FileSystem, folders: Folders, files: list[CatalogFile], findings: Findings
) -> list[CatalogFile]:
    """The files that are there, each with both of its names; those that are gone are reported."""
    present = []
    for file in files:
        path, link = folders.file(file.entry.id), folders.link(file)
        if not path.exists() and link.exists():
            fs.link(link, path)
            fs.sync_folder(folders.files)
        if path.exists():
            present.append(file)
        else:
            findings.missing_files.append(str(path))
            log.error(
                "a file is missing; queries go on without it. Put it back from a copy",
                path=str(path),
                table=file.entry.table,
                rows=file.entry.row_count,
            )
    link_into_lake(fs, folders, present)
    return present


def next_segment_number(folders: Folders, catalog: Catalog) -> int:
    """Greater than any that was ever used."""
    used = [0, *catalog.segments(), *segment.numbers_in(folders.wal)]
    if folders.quarantine.is_dir():
        used += segment.numbers_in(folders.quarantine)
    return max(used) + 1


def replay(
    folders: Folders,
    catalog: Catalog,
    decoder: Decoder,
    publish: Publish,
    replayed: ReplayedBodies,
    findings: Findings,
) -> list[int]:
    """Publish what the log holds and no file covers; the segments that files cover already.

    Those are read for their bodies' hashes only: their senders may have lost the answer.
    """
    fates = catalog.segments()
    covered = []
    for found in wal_recovery.segments(folders.wal):
        if found.unreadable:
            _report_unreadable(found, findings)
        elif found.number in fates:
            covered.append(found.number)
            if fates[found.number] == "quarantined":
                findings.damaged_segments.add(found.number)
            for item in found.records():
                replayed.add(item.tenant, item.signal, item.encoding, item.body)
        else:
            for group in _groups(found, decoder, replayed, findings):
                publish(found.number, [group])
            _report_damage(found, findings)
    return covered


def _groups(
    found: RecoveredSegment, decoder: Decoder, replayed: ReplayedBodies, findings: Findings
) -> Iterator[Group]:
    """The segment's records, neighbours of one kind decoded together."""
    waiting: list[Record] = []
    for item in found.records():
        replayed.add(item.tenant, item.signal, item.encoding, item.body)
        if waiting and (_kind(item) != _kind(waiting[0]) or _size(waiting) > _GROUP_BYTES):
            yield _decoded(found, waiting, decoder, findings)
            waiting = []
        waiting.append(item)
    if waiting:
        yield _decoded(found, waiting, decoder, findings)


def _kind(item: Record) -> tuple[str, str, str]:
    return item.tenant, item.signal, item.encoding


def _size(records: list[Record]) -> int:
    return sum(len(item.body) for item in records)


def _decoded(
    found: RecoveredSegment, records: list[Record], decoder: Decoder, findings: Findings
) -> Group:
    first = records[0]
    bodies = [bytes(item.body) for item in records]
    times_ns = [item.received_time_ns for item in records]
    decoded = decoder.decode(first.signal, first.encoding, bodies, times_ns)
    for result in decoded.results:
        if result.error is not None:
            # It was decoded once, before it was acknowledged.
            findings.damage.append(f"{found.path}: a record cannot be decoded: {result.error}")
            findings.damaged_segments.add(found.number)
            log.error("a record cannot be decoded", path=str(found.path), error=result.error)
    findings.replayed_records += len(records)
    return Group(first.tenant, first.signal, first.encoding, bodies, times_ns, decoded)


def _report_unreadable(found: RecoveredSegment, findings: Findings) -> None:
    findings.unreadable_segments.append(f"{found.path}: {found.unreadable}")
    log.error(
        "a segment of the log cannot be read; it is kept and not replayed. "
        "Start the Goldeneye that wrote it, or move it away",
        path=str(found.path),
        reason=found.unreadable,
    )


def _report_damage(found: RecoveredSegment, findings: Findings) -> None:
    for damage in found.damage:
        findings.damage.append(str(damage))
        findings.damaged_segments.add(found.number)
        log.error(
            "a segment of the log is damaged; it is kept, and the rest of it is replayed",
            path=str(damage.path),
            offset=damage.offset,
            reason=damage.reason,
        )
    if found.torn_at is not None:
        log.info(
            "the last record was cut off before it was acknowledged; it is left out",
            path=str(found.path),
            offset=found.torn_at,
        )
