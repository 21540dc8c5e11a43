"""A trace's rows without SQL: those that SQL finds, or none of them and SQL has to."""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.snapshots import PROMOTED, START_NS, FakeSource, table

from query.reads import Reads, Statement
from query.service import QueryService
from query.worker import by_trace
from query.worker.by_trace import ByTrace
from query.worker.sources import FileGroup, TableRows

pytest.importorskip("goldeneye_native", reason="the native core is not installed")

IDS = [None, "1" * 32, "2" * 32, "3" * 32]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "trace_id": st.sampled_from(IDS),
            "name": st.text(max_size=3),
            "duration_ns": st.none() | st.integers(0, 1 << 62),
            "status_message": st.none() | st.text(max_size=3),
            "attributes.http.route": st.none() | st.sampled_from("ab"),
            "attributes.http.response.status_code": st.none() | st.integers(0, 3),
            "links": st.lists(st.just({"trace_id": "a", "flags": 1}), max_size=2),
            "events": st.lists(
                st.fixed_dictionaries(
                    {"name": st.none() | st.text(max_size=2), "time": st.just(START_NS)}
                ),
                max_size=2,
            ),
        }
    ),
    max_size=30,
)


@dataclass(frozen=True)
class Pages:
    """How a file's pages are: those of older ones have no index, and their ids no dictionary."""

    index: bool = True
    ids: Sequence[str] = ("trace_id",)
    dictionary_bytes: int | None = None


PAGES = [
    Pages(),
    Pages(index=False),
    Pages(ids=()),
    Pages(index=False, ids=()),
    # Ids are told by their number at first, and as they are when the dictionary is full.
    Pages(dictionary_bytes=40),
]


def written(path: Path, rows: pa.Table, pages: Pages = PAGES[0]) -> str:
    """As files are, but with a few rows only in a row group and in a page."""
    pq.write_table(
        rows,
        path,
        row_group_size=8,
        max_rows_per_page=3,
        write_batch_size=1,
        write_page_index=pages.index,
        dictionary_pagesize_limit=pages.dictionary_bytes,
        compression="zstd",
        use_dictionary=[*pages.ids, "name", "attributes.http.route"],
        column_encoding={"duration_ns": "DELTA_BINARY_PACKED"},
        write_page_checksum=True,
        bloom_filter_options={"trace_id": {"ndv": 8, "fpp": 0.01}},
    )
    return str(path)


def rows_of(paths: Sequence[str], hot: pa.Table | None = None) -> TableRows:
    return TableRows([FileGroup({}, "", [path]) for path in paths], hot)


def known(threads: int = 1) -> ByTrace:
    found = ByTrace(PROMOTED)
    found.use(threads)
    return found


@settings(max_examples=15, deadline=None)
@given(
    first=ROWS,
    second=ROWS,
    hot=ROWS,
    threads=st.integers(1, 3),
    pages=st.tuples(st.sampled_from(PAGES), st.sampled_from(PAGES)),
)
def test_the_rows_are_those_of_the_trace(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[dict[str, Any]],
    second: list[dict[str, Any]],
    hot: list[dict[str, Any]],
    threads: int,
    pages: tuple[Pages, Pages],
) -> None:
    folder = tmp_path_factory.mktemp("files")
    parts = [table("spans", first), table("spans", second)]
    paths = [
        written(folder / str(number), part, own)
        for number, (part, own) in enumerate(zip(parts, pages, strict=True))
    ]
    rows = rows_of(paths, table("spans", hot, hot=True))
    parts = [table("spans", hot), *parts]
    for trace_id in ("1" * 32, "9" * 32):
        whole = pa.concat_tables(parts)
        whole = whole.filter(pc.equal(whole["trace_id"], trace_id))
        found = known(threads).rows("spans", rows, trace_id, 1_000)
        assert found is not None
        own = [name for name in whole.column_names if not name.startswith(("attr", "res"))]
        assert set(own) <= set(found.column_names)
        assert found.to_pylist() == whole.select(found.column_names).to_pylist()
        left_out = whole.drop_columns(found.column_names)
        assert all(column.null_count == len(column) for column in left_out.columns)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", "a", "a"]),
        pa.array(["", "", ""]),
        pa.array([7, 7, 7]),
        pa.array([-0.0, 0.0, 0.0]),
        pa.array(["a", "a", None]),
        pa.array([[], [], []], pa.list_(pa.int64())),
        # Longer than statistics tell.
        pa.array(["a" * 9_000 + end for end in "abc"]),
    ],
    ids=["text", "empty", "integer", "zeros", "null", "lists", "long"],
)
def test_columns_of_one_value_keep_it(tmp_path: Path, column: pa.Array) -> None:
    path = tmp_path / "a"
    written_rows = pa.table({"trace_id": ["1" * 32] * 3, "column": column})
    pq.write_table(written_rows, path, compression="zstd")
    rows = TableRows([FileGroup({"column": ""}, "", [str(path)])], None)
    found = known().rows("spans", rows, "1" * 32, 2)
    assert found is not None
    assert repr(found["column"].to_pylist()) == repr(column.to_pylist()[:2])


@pytest.mark.parametrize("indexed", [True, False], ids=["indexed", "without index"])
def test_pages_without_its_rows_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """Four runs of two rows, in as many of twenty pages."""
    mark = pa.struct([("name", pa.string()), ("at", pa.int64())])
    rows = pa.table(
        {
            "trace_id": [f"{row % 500 // 2:032x}" for row in range(2_000)],
            "span_id": [random.Random(row).randbytes(500).hex() for row in range(2_000)],
            "marks": pa.array(
                [
                    [{"name": f"{row}.{at}", "at": None} for at in range(row % 3)] or None
                    for row in range(2_000)
                ],
                pa.list_(mark),
            ),
            "duration_ns": [row if row % 7 else None for row in range(2_000)],
        }
    )
    path = tmp_path / "a"
    pq.write_table(
        rows,
        path,
        max_rows_per_page=100,
        write_batch_size=100,
        write_page_index=indexed,
        use_dictionary=["trace_id"],
        column_encoding={"duration_ns": "DELTA_BINARY_PACKED"},
        compression="zstd",
    )
    asked_bytes = []

    def read(fd: int, offset: int, size: int) -> bytes:
        asked_bytes.append(size)
        return os.pread(fd, size, offset)

    monkeypatch.setattr(by_trace, "_read", read)
    trace_id = f"{101:032x}"
    file = TableRows([FileGroup({"marks": ""}, "", [str(path)])], None)
    found = known(2).rows("spans", file, trace_id, 20)
    assert found is not None
    whole = rows.filter(pc.equal(rows["trace_id"], trace_id))
    assert whole.num_rows == 8
    assert found.select(whole.column_names).to_pylist() == whole.to_pylist()
    assert (sum(asked_bytes) < path.stat().st_size / 3) is indexed


def test_no_more_row_groups_are_read_than_are_needed(tmp_path: Path) -> None:
    path = written(tmp_path / "a", table("spans", [{"trace_id": "1" * 32}] * 40))
    found = known().rows("spans", rows_of([path, "nowhere"]), "1" * 32, 10)
    assert found is not None
    assert found.num_rows == 10


def test_types_and_order_are_those_of_sql(service: QueryService, data: FakeSource) -> None:
    row = {"trace_id": "1" * 32, "attributes.http.route": "/", "links": [{"flags": 1}]}
    data.add_file(
        "spans", [row, {"trace_id": "2" * 32}], without=["attributes.http.response.status_code"]
    )
    old = table("spans", [{**row, "start_time": START_NS + 1_000}])
    data.add_file("spans", old.append_column("attributes.once", pa.array([1.5])))
    data.add_hot(
        "spans",
        [{**row, "start_time": START_NS + 2_000, "attributes.http.response.status_code": 1}],
    )

    def asked(trace_id: str | None) -> pa.Table:
        sql = f"SELECT * FROM spans WHERE trace_id = '{'1' * 32}'"
        statement = Statement(sql, {"spans": None}, {}, True, 1_000, all_of_trace=trace_id)
        [found] = service.read(Reads([statement])).tables
        return found.sort_by("start_time")

    by_sql, direct = asked(None), asked("1" * 32)
    assert direct.to_pylist() == by_sql.select(direct.column_names).to_pylist()
    names = [name for name in by_sql.column_names if name in direct.column_names]
    assert direct.column_names == names
    unlike = {
        name
        for name in names
        if direct.schema.field(name).type != by_sql.schema.field(name).type
        # DuckDB has its own names for members, and its own booleans.
        and not pa.types.is_list(direct.schema.field(name).type)
        and not pa.types.is_boolean(direct.schema.field(name).type)
    }
    assert not unlike


def test_what_is_no_file_of_ours_is_left_to_sql(tmp_path: Path) -> None:
    none = tmp_path / "none"
    none.write_bytes(b"PAR1")
    strange = tmp_path / "strange"
    pq.write_table(pa.table({"trace_id": [1, 2]}), strange)
    for path in (none, strange, tmp_path / "nowhere"):
        assert known().rows("spans", rows_of([str(path)]), "1" * 32, 10) is None


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damage_is_left_to_sql(tmp_path: Path, choose: st.DataObject) -> None:
    rows = table("spans", [{"trace_id": IDS[1 + row % 3], "name": str(row)} for row in range(30)])
    path = Path(written(tmp_path / "a", rows))
    content = bytearray(path.read_bytes())
    for _ in range(choose.draw(st.integers(1, 3))):
        at = choose.draw(st.integers(4, len(content) - 1))
        content[at] ^= choose.draw(st.integers(1, 255))
    path.write_bytes(content)
    found = known(2).rows("spans", rows_of([str(path)]), "1" * 32, 100)
    # Pages have checksums; what is no page may be damaged where nobody looks.
    assert found is None or set(found["trace_id"].to_pylist()) <= {"1" * 32}


def test_without_the_native_core_sql_has_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_trace, "IS_NATIVE", False)
    assert known().rows("spans", rows_of([]), "1" * 32, 10) is None
