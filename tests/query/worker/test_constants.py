"""Columns of one value, as footers tell: answers are the same with and without them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from support.snapshots import FakeSource

from query.reads import Reads, Statement
from query.service import QueryService
from query.worker.constants import KnownConstants, constants


def written(path: Path, rows: pa.Table, row_group_size: int = 2) -> str:
    pq.write_table(rows, path, row_group_size=row_group_size)
    return str(path)


LISTS = pa.list_(pa.struct([("name", pa.string()), ("n", pa.int64())]))


def table(**columns: pa.Array) -> pa.Table:
    return pa.table(columns)


def test_what_is_one_value_in_all_row_groups(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a",
        table(
            same=pa.array(["x'y"] * 4),
            number=pa.array([7] * 4, pa.uint64()),
            nothing=pa.array([None] * 4, pa.float64()),
            yes=pa.array([True] * 4),
            links=pa.array([[], [], [], []], LISTS),
            differs=pa.array([1, 1, 1, 2]),
            sometimes=pa.array(["a", None, "a", "a"]),
            another=pa.array(["a", "a", "b", "b"]),
            real=pa.array([1.0] * 4),
            long=pa.array(["x" * 100] * 4),
            events=pa.array([[], [], [], [{"name": None, "n": 1}]], LISTS),
        ),
    )
    assert dict(constants(path)) == {
        "same": "'x''y'",
        "number": "7",
        "nothing": "NULL",
        "yes": "True",
        "links": "[]",
    }


def test_columns_without_statistics_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    pq.write_table(table(a=pa.array([1, 1])), path, write_statistics=False)
    assert dict(constants(str(path))) == {}


def test_files_have_in_common_what_is_the_same_in_all(tmp_path: Path) -> None:
    paths = [
        written(tmp_path / name, table(a=pa.array([1, 1]), b=pa.array([name] * 2)))
        for name in ("x", "y")
    ]
    known = KnownConstants()
    assert known.common(paths) == {}
    known.look()
    assert known.common(paths) == {"a": "1"}
    assert known.common(paths[:1]) == {"a": "1", "b": "'x'"}
    assert known.common([]) == {}
    assert known.common([*paths, "other"]) == {}


def test_a_file_that_cannot_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PAR1 and no more")
    known = KnownConstants()
    paths = [str(tmp_path / "a"), str(tmp_path / "gone")]
    known.common(paths)
    known.look()
    assert known.common(paths) == {}


def test_answers_do_not_depend_on_what_is_known(service: QueryService, data: FakeSource) -> None:
    """The first question finds nothing known, the second one all of it."""
    row = {"flags": 257, "trace_state": None, "scope_name": "it's", "links": []}
    data.add_file("spans", [{**row, "name": "a"}, {**row, "name": "b"}])
    data.add_file("spans", [{**row, "name": "c", "flags": 1}])
    data.add_hot("spans", [{"name": "d"}])
    reads = Reads([Statement("SELECT * FROM spans ORDER BY name", {"spans": None})])
    first, second = (service.read(reads).tables[0] for _ in range(2))
    assert first.schema == second.schema
    assert first.to_pylist() == second.to_pylist()
    found = [(one["name"], one["flags"], one["scope_name"]) for one in second.to_pylist()]
    assert found == [("a", 257, "it's"), ("b", 257, "it's"), ("c", 1, "it's"), ("d", 0, None)]
