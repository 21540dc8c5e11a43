"""Decoding again what the log holds and no file covers."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from goldeneye.decoded import Decoded, Decoder, Group
from goldeneye.limits import MIB
from goldeneye.schemas import Encoding, Signal
from storage.catalog import Catalog
from storage.folders import Folders
from storage.recovery import Findings
from storage.replayed import ReplayedBodies
from storage.wal import recovery as wal_recovery
from storage.wal.record import Record
from storage.wal.recovery import RecoveredSegment

log = structlog.get_logger(__name__)
# Bodies are decoded together up to this many bytes, so that a replay is as quick as ingest.
_GROUP_BYTES: Final = 8 * MIB
# So many groups are decoded ahead, while what they become has to wait for room.
_GROUPS_AHEAD: Final = 6
# The native decoder holds no lock of Python's; more would mostly take memory.
_DECODING_THREADS: Final = 2
# A segment's number, its groups, the bytes of their bodies, and those of the log still to come.
Publish = Callable[[int, list[Group], int, int], None]
_Kind = tuple[str, Signal, Encoding]


@dataclass(frozen=True)
class _Decoding:
    """Bodies of one kind, which are becoming rows."""

    kind: _Kind
    received_time_ns: list[int]
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
                replayed.add(item.tenant, item.signal, item.encoding, item.body)
        else:
            uncovered.append(found)
    left_bytes = sum(found.path.stat().st_size for found in uncovered)
    groups, size_bytes = [], 0
    for found, decoding in _ahead(_steps(uncovered, decoder, pool, replayed)):
        if decoding is not None:
            groups.append(_group(found, decoding, findings))
            size_bytes += decoding.size_bytes
        else:
            _report_damage(found, findings)
            left_bytes -= found.path.stat().st_size
            publish(found.number, groups, size_bytes, left_bytes)
            groups, size_bytes = [], 0
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
    waiting: dict[_Kind, list[Record]] = {}
    sizes_bytes: dict[_Kind, int] = {}
    for item in found.records():
        kind = (item.tenant, item.signal, item.encoding)
        replayed.add(*kind, item.body)
        waiting.setdefault(kind, []).append(item)
        sizes_bytes[kind] = sizes_bytes.get(kind, 0) + len(item.body)
        if sizes_bytes[kind] > _GROUP_BYTES:
            del sizes_bytes[kind]
            yield _begun(kind, waiting.pop(kind), decoder, pool)
    for kind, records in waiting.items():
        yield _begun(kind, records, decoder, pool)


def _begun(
    kind: _Kind, records: list[Record], decoder: Decoder, pool: ThreadPoolExecutor
) -> _Decoding:
    _, signal, encoding = kind
    bodies = [bytes(item.body) for item in records]
    times_ns = [item.received_time_ns for item in records]
    decoded = pool.submit(decoder.decode, signal, encoding, bodies, times_ns)
    return _Decoding(kind, times_ns, sum(map(len, bodies)), decoded)


def _group(found: RecoveredSegment, decoding: _Decoding, findings: Findings) -> Group:
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
    findings.replayed_records += len(decoding.received_time_ns)
    # The bodies are in the log, and would only take memory.
    return Group(*decoding.kind, [], decoding.received_time_ns, decoded)


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
