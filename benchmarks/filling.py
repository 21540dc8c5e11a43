"""Data folders of generated traces, made by the storage itself: log, flush, merges."""

import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import payloads
from traces import BODY_SPANS, Traces

from goldeneye import wiring
from goldeneye.clock import ManualClock, SystemClock
from goldeneye.config import Config
from goldeneye.decoded import Group
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, Signal, well_known_keys
from goldeneye.snapshot import FileEntry
from otlp_receiver.decoding.native import NativeDecoder
from storage.catalog import Catalog
from storage.engine import Storage
from storage.folders import Folders
from storage.settings import StorageSettings

GROUP_BODIES: Final = 8
# The default size of a segment: what a flush writes at once under full load.
SEGMENT_BYTES: Final = 64 * MIB
_CLOSE_S: Final = 60.0


@dataclass
class Cost:
    """What a stage took: wall-clock and CPU seconds, those of processes it started included.

    `input_bytes` are those of the requests or files that went into it.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    input_bytes: int = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        start_s, start_cpu_s = time.perf_counter(), _cpu_s()
        yield
        self.wall_s += time.perf_counter() - start_s
        self.cpu_s += _cpu_s() - start_cpu_s


@contextmanager
def opened(data_dir: Path, clock: ManualClock) -> Iterator[Storage]:
    """The storage as the server configures it, but for retention, and the log without fsync.

    Segments are sealed by `flush` only.
    """
    storage = Storage.open(_settings(data_dir), NativeDecoder(well_known_keys()), clock)
    try:
        yield storage
    finally:
        storage.close(_CLOSE_S)


@contextmanager
def read_only(data_dir: Path) -> Iterator[Storage]:
    """The storage as `goldeneye sql --data-dir` opens it: others may read beside."""
    decoder = NativeDecoder(well_known_keys())
    storage = Storage.open(_settings(data_dir), decoder, SystemClock(), read_only=True)
    try:
        yield storage
    finally:
        storage.close(_CLOSE_S)


def _settings(data_dir: Path) -> StorageSettings:
    config = {
        "data_dir": data_dir,
        "wal": {"sync": "none", "segment_max_mib": 1024, "max_backlog_mib": 2048},
        "retention": {"spans": "3650d", "logs": "3650d", "metrics": "3650d"},
    }
    return wiring.storage_settings(Config.model_validate(config))


def commit(storage: Storage, signal: Signal, bodies: list[bytes], received_ns: list[int]) -> int:
    """Decode and commit; the bytes of the bodies."""
    decoded = NativeDecoder(well_known_keys()).decode(signal, "protobuf", bodies, received_ns)
    storage.commit([Group(DEFAULT_TENANT, signal, "protobuf", bodies, received_ns, decoded)])
    return sum(map(len, bodies))


def write_spans(data_dir: Path, spans: int, first_body: int = 0) -> Cost:
    """Write whole bodies of at least so many spans; what the flushes cost."""
    traces, clock, flush = Traces(), ManualClock(payloads.START_NS), Cost()
    last_body = first_body - (-spans // BODY_SPANS)
    with opened(data_dir, clock) as storage:
        waiting_bytes = 0
        for number in range(first_body, last_body, GROUP_BODIES):
            group = range(number, min(number + GROUP_BODIES, last_body))
            received_ns = [traces.received_ns(one) for one in group]
            clock.advance((received_ns[-1] - clock.now_ns()) / 1e9)
            bodies = [traces.body(one) for one in group]
            waiting_bytes += commit(storage, "traces", bodies, received_ns)
            if waiting_bytes >= SEGMENT_BYTES or group[-1] + 1 == last_body:
                with flush.measured():
                    storage.flush()
                flush.input_bytes += waiting_bytes
                waiting_bytes = 0
    return flush


def merge(data_dir: Path, days_later: int = 1) -> Cost:
    """Merge all that is to be merged so many days after the data began; what that cost."""
    sizes = table_sizes(data_dir).values()
    cost, clock = Cost(input_bytes=sum(size.size_bytes for size in sizes)), ManualClock()
    clock.advance((payloads.START_NS - clock.now_ns()) / 1e9 + days_later * 86_400)
    with cost.measured(), opened(data_dir, clock) as storage:
        maintenance = storage._maintenance
        assert maintenance is not None
        # Waits for the thread that began the same at the opening.
        maintenance.tick()
    return cost


@dataclass(frozen=True)
class Size:
    """What a table takes in files."""

    files: int
    rows: int
    size_bytes: int


def table_sizes(data_dir: Path) -> dict[str, Size]:
    """Of each table that has rows."""
    folders = Folders(data_dir)
    with Catalog(folders.catalog, folders.files) as catalog:
        entries = [file.entry for file in catalog.files()]
    by_table: dict[str, list[FileEntry]] = defaultdict(list)
    for entry in entries:
        by_table[entry.table].append(entry)
    return {
        table: Size(
            len(found),
            sum(entry.row_count for entry in found),
            sum(entry.size_bytes for entry in found),
        )
        for table, found in by_table.items()
    }


def _cpu_s() -> float:
    own, ended = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
