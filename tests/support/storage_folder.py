"""A data folder for tests of the storage: opened, looked into, and left as a kill leaves it."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.fake_decoder import PROMOTED, FakeDecoder

from goldeneye.clock import Clock, ManualClock
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, STORED_TABLES
from storage.engine import Storage
from storage.file_system import FileSystem
from storage.retention import Retention
from storage.settings import StorageSettings

# The column of the fake decoder's rows that holds a row's number.
NUMBER = {
    "spans": "attributes.shop.number",
    "logs": "attributes.shop.number",
    "metric_points": "value_int",
    "metric_series": "series_id",
}


FOR_EVER = Retention(dict.fromkeys(STORED_TABLES, 1 << 62), None)


def settings(data_dir: Path, **changes: Any) -> StorageSettings:
    values: dict[str, Any] = {
        "data_dir": data_dir,
        "wal_sync": "group",
        "segment_max_bytes": 64 * MIB,
        "segment_max_age_s": 1e9,  # the clock stands still: only the test seals
        "max_backlog_bytes": 1024 * MIB,
        "max_hot_bytes": 1024 * MIB,
        "min_free_bytes": 0,
        "promoted": PROMOTED,
        "retention": FOR_EVER,
    }
    return StorageSettings(**{**values, **changes})


def opened(
    data_dir: Path,
    fs: FileSystem | None = None,
    clock: Clock | None = None,
    read_only: bool = False,
    **changes: Any,
) -> Storage:
    return Storage.open(
        settings(data_dir, **changes), FakeDecoder(), clock or ManualClock(), fs, read_only
    )


def abandon(storage: Storage) -> None:
    """Let go of the folder as a killed process does: nothing more is written."""
    for thread in (storage._maintenance, storage._flusher):
        if thread is not None:
            thread.stop(10)
    storage._cleanups.close()


def column(storage: Storage, table: str, name: str, tenant: str = DEFAULT_TENANT) -> list[Any]:
    """A column's values in one snapshot, files first; times as nanoseconds.

    Files that are gone have none, as in queries.
    """
    found: list[Any] = []
    with storage.snapshot(tenant) as snapshot:
        for entry in snapshot.files:
            if entry.table == table and Path(entry.path).exists():
                found += _values(pq.ParquetFile(entry.path).read()[name])
        for chunk in snapshot.hot:
            if chunk.table == table:
                found += _values(hot_rows(chunk.fd())[name])
    return found


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.to_pylist()


def hot_rows(fd: int) -> pa.Table:
    with open(f"/proc/self/fd/{fd}", "rb") as file:
        return pa.ipc.open_stream(file.read()).read_all()


def numbers(
    storage: Storage, table: str = "spans", tenant: str = DEFAULT_TENANT
) -> Counter[int | None]:
    """How often each number is there."""
    return Counter(column(storage, table, NUMBER[table], tenant))


def lake_files(data_dir: Path, table: str = "*") -> list[Path]:
    return sorted((data_dir / "lake").glob(f"{table}/**/*.parquet"))
