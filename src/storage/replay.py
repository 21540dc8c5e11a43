"""Decoding again what the log holds and no file covers."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from goldeneye.decoded import Decoded, Decoder
from goldeneye.limits import MIB
from goldeneye.schemas import Encoding, OwnTable, Signal
from storage import own_rows
from storage.catalog import Catalog
from storage.folders import Folders
from storage.recovery import Findings
from storage.replayed import ReplayedBodies
from storage.rows import Rows
from storage.wal import recovery as wal_recovery
from storage.wal.record import AnyRecord, OwnRecord
from storage.wal.recovery import RecoveredSegment

log = structlog.get_logger(__name__)
# Bodies are decoded together up to this many bytes, so that a replay is as quick as ingest.
_GROUP_BYTES: Final = 8 * MIB
# So many groups are decoded ahead, while what they become has to wait for room.
_GROUPS_AHEAD: Final = 6
# The native decoder holds no lock of Python's; more would mostly take memory.
_DECODING_THREADS: Final = 2
# A segment's number, its rows, the bytes of their bodies, and those of the log still to come.
Publish = Callable[[int, list[Rows], int, int], None]
_OtlpKind = tuple[str, Signal, Encoding]
_OwnKind = tuple[str, OwnTable]


@dataclass(frozen=True)
class _Decoding:
    """Bodies of one kind, which are becoming rows."""

    tenant: str
    count: int
    size_bytes: int
    decoded: Future[Decoded]


# Of a segment; None after the last.
_Step = tuple[RecoveredSegment, _Decoding | None]


def replay(
    folders: Folders,
    catalog: Catalog,
    decoder: Decoder,
    publish: Publish,
    replayed: ReplayedBodies,
    findings: Findings,
) -> list[int]:
    """Publish each segment that no file covers, whole; the segments that files cover already.

    Those are read for their bodies' hashes only: their senders may have lost the answer.
    """
    with ThreadPoolExecutor(_DECODING_THREADS, "replay") as pool:
        covered = _replayed(folders, catalog, decoder, pool, publish, replayed, findings)
    if findings.replayed_records:
        log.info("the log was replayed", requests=findings.replayed_records)
    return covered


def _replayed(
    folders: Folders,
    catalog: Catalog,
    decoder: Decoder,
    pool: ThreadPoolExecutor,
    publish: Publish,
    replayed: ReplayedBodies,
    findings: Findings,
) -> list[int]:
    fates = catalog.segments()
    covered, uncovered = [], []
    for found in wal_recovery.segments(folders.wal):
        if found.unreadable:
            _report_unreadable(found, findings)
        elif found.number in fates:
            covered.append(found.number)
            if fates[found.number] == "quarantined":
                findings.damaged_segments.add(found.number)
            for item in found.records():
                _remember(item, replayed)
        else:
            uncovered.append(found)
    left_bytes = sum(found.path.stat().st_size for found in uncovered)
    rows, size_bytes = [], 0
    for found, decoding in _ahead(_steps(uncovered, decoder, pool, replayed)):
        if decoding is not None:
            rows.append(_rows(found, decoding, findings))
            size_bytes += decoding.size_bytes
        else:
            _report_damage(found, findings)
            left_bytes -= found.path.stat().st_size
            publish(found.number, rows, size_bytes, left_bytes)
            rows, size_bytes = [], 0
    return covered


def _steps(
    segments: list[RecoveredSegment],
    decoder: Decoder,
    pool: ThreadPoolExecutor,
    replayed: ReplayedBodies,
) -> Iterator[_Step]:
    """What is decoded of each segment; then, where it has been read to its end, nothing."""
    for found in segments:
        for decoding in _decodings(found, decoder, pool, replayed):
            yield found, decoding
        yield found, None


def _ahead(steps: Iterator[_Step]) -> Iterator[_Step]:
    """The steps, each when some more have begun."""
    begun: deque[_Step] = deque()
    for step in steps:
        begun.append(step)
        if len(begun) > _GROUPS_AHEAD:
            yield begun.popleft()
    yield from begun


def _decodings(
    found: RecoveredSegment, decoder: Decoder, pool: ThreadPoolExecutor, replayed: ReplayedBodies
) -> Iterator[_Decoding]:
    """The segment's records, those of one kind decoded together, each kind in order."""
    waiting: dict[_OtlpKind | _OwnKind, list[AnyRecord]] = {}
    sizes_bytes: dict[_OtlpKind | _OwnKind, int] = {}
    for item in found.records():
        kind = _kind(item)
        _remember(item, replayed)
        waiting.setdefault(kind, []).append(item)
        sizes_bytes[kind] = sizes_bytes.get(kind, 0) + len(item.body)
        if sizes_bytes[kind] > _GROUP_BYTES:
            del sizes_bytes[kind]
            yield _begun(waiting.pop(kind), decoder, pool)
    for records in waiting.values():
        yield _begun(records, decoder, pool)


def _kind(item: AnyRecord) -> _OtlpKind | _OwnKind:
    if isinstance(item, OwnRecord):
        return item.tenant, item.table
    return item.tenant, item.signal, item.encoding


def _remember(item: AnyRecord, replayed: ReplayedBodies) -> None:
    """Only clients send again; what we write ourselves may well be written twice."""
    if not isinstance(item, OwnRecord):
        replayed.add(item.tenant, item.signal, item.encoding, item.body)


def _begun(records: list[AnyRecord], decoder: Decoder, pool: ThreadPoolExecutor) -> _Decoding:
    """The records are of one kind."""
    first = records[0]
    bodies = [bytes(item.body) for item in records]
    if isinstance(first, OwnRecord):
        decoded = pool.submit(own_rows.decoded, first.table, bodies)
    else:
        times_ns = [item.received_time_ns for item in records]
        decoded = pool.submit(decoder.decode, first.signal, first.encoding, bodies, times_ns)
    return _Decoding(first.tenant, len(records), sum(map(len, bodies)), decoded)


def _rows(found: RecoveredSegment, decoding: _Decoding, findings: Findings) -> Rows:
    decoded = decoding.decoded.result()
    for result in decoded.results:
        if result.error is not None:
            # It was decoded once, before it was acknowledged.
            findings.damage.append(f"{found.path}: a record cannot be decoded: {result.error}")
            findings.damaged_segments.add(found.number)
            log.error(
                "a record cannot be decoded; its segment is kept",
                path=str(found.path),
                error=result.error,
            )
    findings.replayed_records += decoding.count
    return Rows(decoding.tenant, decoded)


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
