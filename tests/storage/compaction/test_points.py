"""Merged points lie by name, series and time, newest first, and are all there."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.schemas import PromotedKeys, table
from storage import parquet
from storage.compaction import points
from storage.compaction.merge import merged
from storage.compaction.room import Room
from storage.file_metadata import FileMetadata
from storage.partitions import Partition

SCHEMA = table("metric_points", PromotedKeys())
ROOM = Room({}, frozenset(), frozenset(), frozenset())
TIMES = st.one_of(st.none(), st.integers(0, 5), st.sampled_from([-(1 << 62), (1 << 63) - 1]))
POINTS = st.lists(
    st.fixed_dictionaries(
        {
            "series_id": st.sampled_from([0, 1, 2, (1 << 64) - 1]),
            "name": st.sampled_from([None, "", "a", "b", "é"]),
            "time": TIMES,
            "received_time": st.integers(0, 5),
            "value_int": st.integers(0, 1_000_000),
            "bucket_counts": st.none() | st.lists(st.integers(0, 3), max_size=3),
        }
    ),
    max_size=30,
)


def batches(rows: list[dict[str, Any]], size: int) -> list[pa.RecordBatch]:
    return pa.Table.from_pylist(rows, SCHEMA).to_batches(size)


def key(row: dict[str, Any]) -> tuple[bool, str, int, int]:
    time = row["received_time"] if row["time"] is None else row["time"]
    return (row["name"] is None, row["name"] or "", row["series_id"], -time)


def numbers(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Rows, times as numbers."""
    columns = {
        name: column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    found: list[dict[str, Any]] = pa.table(columns).to_pylist()
    return found


@given(POINTS, st.integers(1, 10))
def test_points_are_sorted_and_stay_the_same(rows: list[dict[str, Any]], size: int) -> None:
    found = [row for batch in points.by_series(batches(rows, size)) for row in numbers(batch)]
    assert found == sorted(found, key=key)
    given_rows = [row for batch in batches(rows, size) for row in numbers(batch)]
    assert Counter(map(str, found)) == Counter(map(str, given_rows))


def test_a_run_is_sorted_when_its_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"series_id": n % 2, "name": "a", "received_time": n, "time": n} for n in range(8)]
    halves = batches(rows, 2)
    monkeypatch.setattr(points, "MAX_SORTED_BYTES", 2 * halves[0].nbytes)
    found = [row["time"] for batch in points.by_series(halves) for row in numbers(batch)]
    assert found == [2, 0, 3, 1, 6, 4, 7, 5]


def test_a_merged_file_is_read_by_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MERGED_ROW_GROUP_ROWS", 4)
    rows = [
        {"series_id": n % 3, "name": "ab"[n % 2], "received_time": n, "time": n, "value_int": n}
        for n in range(24)
    ]
    paths = [file(tmp_path, number, rows[number::2]) for number in (0, 1)]
    data, _, metadata = merged(paths, "m1", Partition(0, 24), ROOM)
    assert metadata.row_count == len(rows)
    found = pq.ParquetFile(pa.BufferReader(data))
    values = found.read()["value_int"].to_pylist()
    assert values == [row["value_int"] for row in sorted(rows, key=key)]
    statistics = [found.metadata.row_group(n).column(0).statistics for n in range(6)]
    assert [(one.min, one.max) for one in statistics] == [(n, n) for n in (0, 1, 2)] * 2
    encodings = {
        found.metadata.row_group(0).column(n).path_in_schema: found.metadata.row_group(0)
        .column(n)
        .encodings
        for n in range(5)
    }
    assert "RLE_DICTIONARY" in encodings["series_id"]
    assert "DELTA_BINARY_PACKED" in encodings["time"]
    assert "DELTA_BINARY_PACKED" in encodings["received_time"]


def file(folder: Path, number: int, rows: list[dict[str, Any]]) -> Path:
    times = [row["time"] for row in rows]
    metadata = FileMetadata(
        id=f"{number:012d}-0000",
        table="metric_points",
        tenant="default",
        day=0,
        hour=0,
        min_time_ns=min(times),
        max_time_ns=max(times),
        max_received_ns=max(times),
        row_count=len(rows),
        strays=(),
        promotion="p",
        segments=(number,),
        replaces=(),
        commit=(f"{number:012d}-0000",),
    )
    data, _ = parquet.encode(pa.Table.from_pylist(rows, SCHEMA), metadata.as_json())
    path = folder / f"{metadata.id}.parquet"
    path.write_bytes(data)
    return path
