"""DuckDB finds every row of a trace, and skips the row groups that have none."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import parquet

GROUP_ROWS = 8
ID = st.integers(0, 20).map(lambda number: f"{number * 0x9E3779B97F4A7C15:032x}"[-32:])
IDS = st.lists(st.none() | ID | st.sampled_from(["", "short", "f" * 33]), max_size=60)
Encode = Callable[[pa.Table], pa.Buffer]


def flushed(rows: pa.Table) -> pa.Buffer:
    return parquet.encode(rows, {})[0]


def merged(rows: pa.Table) -> pa.Buffer:
    return parquet.encode_stream(rows.to_batches(GROUP_ROWS // 2), rows.schema, {})


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROW_GROUP_ROWS", "MERGED_ROW_GROUP_ROWS"):
        monkeypatch.setattr(parquet, name, GROUP_ROWS)


def table(ids: list[str | None]) -> pa.Table:
    numbers = pa.array(range(len(ids)), pa.int64())
    return pa.table({"trace_id": pa.array(ids, pa.string()), "duration_ns": numbers})


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("encode", [flushed, merged])
@given(ids=IDS, asked=ID | st.sampled_from(["", "short", "x"]))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_row_is_lost(tmp_path: Path, encode: Encode, ids: list[str | None], asked: str) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(encode(table(ids)))
    with duckdb.connect() as connection:
        for wanted in (asked, *{id_ for id_ in ids if id_ is not None}):
            found = connection.execute(
                "SELECT duration_ns FROM read_parquet($1) WHERE trace_id = $2", [str(path), wanted]
            ).fetchall()
            assert Counter(row[0] for row in found) == Counter(
                number for number, id_ in enumerate(ids) if id_ == wanted
            )


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("encode", [flushed, merged])
def test_row_groups_without_the_trace_are_skipped(tmp_path: Path, encode: Encode) -> None:
    path = tmp_path / "a.parquet"
    groups = 20
    # In each group a trace from either end of all ids: minima and maxima tell nothing.
    ids: list[str | None] = [
        f"{number // GROUP_ROWS + number % 2 * 1_000:032x}" for number in range(GROUP_ROWS * groups)
    ]
    path.write_bytes(encode(table(ids)))
    with duckdb.connect() as connection:
        for number in range(groups):
            plan = connection.execute(
                f"EXPLAIN ANALYZE SELECT * FROM '{path}' WHERE trace_id = '{number + 1_000:032x}'"
            ).fetchall()
            assert f"Row Groups Scanned: 1 / {groups}" in plan[0][1]


def test_a_filter_is_as_large_as_its_ids_ask_for() -> None:
    few = flushed(table([f"{number // 1_000:032x}" for number in range(20_000)]))
    many = flushed(table([f"{number:032x}" for number in range(20_000)]))
    assert bloom_bytes(few) < 100
    assert 20_000 < bloom_bytes(many) < 40_000


def bloom_bytes(data: pa.Buffer) -> int:
    column = pa.parquet.ParquetFile(pa.BufferReader(data)).metadata.row_group(0).column(0)
    return int(column.bloom_filter_length)


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("batch_rows", [1, 5, 8, 21])
def test_row_groups_are_full_however_rows_arrive(batch_rows: int) -> None:
    rows = table(["a" * 32] * 21)
    data = parquet.encode_stream(rows.to_batches(batch_rows), rows.schema, {})
    file = pq.ParquetFile(pa.BufferReader(data))
    groups = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert groups == [8, 8, 5]
    assert file.read()["duration_ns"].to_pylist() == list(range(21))


@pytest.mark.parametrize("encode", [flushed, merged])
def test_durations_are_packed(encode: Encode) -> None:
    file = pq.ParquetFile(pa.BufferReader(encode(table(["a" * 32] * 3))))
    column = file.metadata.row_group(0).column(1)
    assert column.path_in_schema == "duration_ns"
    assert "DELTA_BINARY_PACKED" in column.encodings
