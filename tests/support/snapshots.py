"""A storage for tests of the query layer: Parquet files and hot rows of the test's own making."""

import contextlib
import itertools
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye import schemas
from goldeneye.snapshot import FileEntry
from storage.partitions import partition_times_ns

PROMOTED = schemas.well_known_keys()
START_NS = 1_767_225_600_000_000_000  # 2026-01-01T00:00:00Z
SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "spans": {
        "trace_id": "0" * 31 + "1",
        "span_id": "0" * 15 + "1",
        "name": "GET /",
        "kind": "server",
        "status_code": "unset",
        "flags": 0,
        "start_time": START_NS,
        "end_time": START_NS + 1000,
        "duration_ns": 1000,
        "received_time": START_NS,
        "service_name": "shop",
        "events": [],
        "links": [],
    },
    "logs": {"time": START_NS, "received_time": START_NS, "service_name": "shop"},
    "metric_series": {"series_id": 1, "day": START_NS // DAY_NS, "name": "m", "type": "gauge"},
    "metric_points": {"series_id": 1, "name": "m", "time": START_NS, "received_time": START_NS},
    "span_rollups": {"minute": START_NS, "service_name": "shop", "is_root": True, "count": 1},
    "slo_minutes": {"slo": "s", "minute": START_NS, "received_time": START_NS},
    "alert_events": {"rule": "r", "time": START_NS, "received_time": START_NS},
    "notifications": {"alert_ids": [], "time": START_NS, "received_time": START_NS},
}


def table(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    promoted: schemas.PromotedKeys = PROMOTED,
    hot: bool = False,
) -> pa.Table:
    """Rows of a table, with defaults for what a row does not say."""
    schema = schemas.hot(name, promoted) if hot else schemas.table(name, promoted)
    filled = [{**_DEFAULTS[name], **row} for row in rows]
    columns = []
    for column in schema:
        values = pa.array([row.get(column.name) for row in filled], _plain(column.type))
        columns.append(values.cast(column.type))
    return pa.table(columns, schema=schema)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if kind == schemas.WORD else kind


class FakeChunk:
    """Hot rows in a memfd."""

    _ids = itertools.count(1)

    def __init__(self, name: str, rows: pa.Table, strays: frozenset[str]) -> None:
        self.id = next(self._ids)
        self.table = name
        self.tenant = schemas.DEFAULT_TENANT
        self.row_count = rows.num_rows
        self.min_time_ns, self.max_time_ns = _time_range(name, rows)
        self.strays = strays
        self._fd = os.memfd_create("hot")
        with open(self._fd, "wb", closefd=False) as file, pa.ipc.new_stream(file, rows.schema) as w:
            w.write_table(rows)

    def fd(self) -> int:
        return self._fd

    def __del__(self) -> None:
        os.close(self._fd)


class FakeSnapshot:
    def __init__(self, files: Sequence[FileEntry], hot: Sequence[FakeChunk]) -> None:
        self.files = files
        self.hot = hot

    def files_within(
        self, table: str, min_ns: int | None, max_ns: int | None
    ) -> Sequence[FileEntry]:
        return [
            file
            for file in self.files
            if file.table == table
            and (min_ns is None or file.max_time_ns >= min_ns)
            and (max_ns is None or file.min_time_ns <= max_ns)
        ]

    def files_with_traces(
        self, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        return files


class FakeSource:
    """Files below `data_dir` and hot chunks; `snapshots_held` counts those not yet released."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.files: list[FileEntry] = []
        self.hot: list[FakeChunk] = []
        self.snapshots_held = 0
        self._written = 0
        (data_dir / "files").mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Have no rows any more."""
        self.files.clear()
        self.hot.clear()

    @contextlib.contextmanager
    def snapshot(self, tenant: str) -> Iterator[FakeSnapshot]:
        self.snapshots_held += 1
        try:
            yield FakeSnapshot(
                [file for file in self.files if file.tenant == tenant],
                [chunk for chunk in self.hot if chunk.tenant == tenant],
            )
        finally:
            self.snapshots_held -= 1

    def add_file(
        self,
        name: str,
        rows: Sequence[Mapping[str, Any]] | pa.Table,
        without: Sequence[str] = (),
        strays: Sequence[str] = (),
        tenant: str = schemas.DEFAULT_TENANT,
        empty: Sequence[str] = (),
    ) -> FileEntry:
        """Write and commit a file.

        `without` are columns that it does not have, `empty` those left out for want of values.
        """
        data = rows if isinstance(rows, pa.Table) else table(name, rows)
        data = data.drop_columns(list(without))
        promotion = schemas.promotion(data.column_names)
        data = data.drop_columns(list(empty))
        self._written += 1
        path = self.data_dir / "files" / f"{self._written}.parquet"
        pq.write_table(data, path, compression="zstd")
        first, last = _time_range(name, data)
        entry = FileEntry(
            id=path.stem,
            table=name,
            tenant=tenant,
            path=str(path),
            row_count=data.num_rows,
            size_bytes=path.stat().st_size,
            min_time_ns=first,
            max_time_ns=last,
            columns=_duckdb_columns(path),
            strays=frozenset(strays),
            promotion=promotion,
            max_received_ns=_received(data),
        )
        self.files.append(entry)
        return entry

    def add_hot(
        self, name: str, rows: Sequence[Mapping[str, Any]] | pa.Table, strays: Sequence[str] = ()
    ) -> None:
        data = rows if isinstance(rows, pa.Table) else table(name, rows, hot=True)
        self.hot.append(FakeChunk(name, data, frozenset(strays)))


def _received(data: pa.Table) -> int:
    """When its last row was received; 0 where the table does not say so."""
    if "received_time" not in data.column_names:
        return 0
    return max(data["received_time"].cast(pa.int64()).to_pylist(), default=0)


def _time_range(name: str, data: pa.Table) -> tuple[int, int]:
    times_ns = partition_times_ns(name, data)
    return int(times_ns.min()), int(times_ns.max())


def _duckdb_columns(path: Path) -> tuple[tuple[str, str], ...]:
    described = duckdb.sql("DESCRIBE SELECT * FROM read_parquet($p)", params={"p": str(path)})
    return tuple((row[0], row[1]) for row in described.fetchall())
