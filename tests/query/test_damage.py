"""Files that are not what was committed are named by the query that needed them, and only by it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.snapshots import HOUR_NS, START_NS, FakeSource
from support.sql import answer, value

from goldeneye.errors import DataDamaged, QueryFailed
from query.service import QueryService, SqlQuery
from query.worker.suspects import damaged_files


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    """A Parquet file of somebody else's."""
    pq.write_table(pa.table({"mine": [1]}), path)


def text(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def overwritten(path: Path) -> None:
    """Its pages are zeros, and its footer is whole."""
    found = path.read_bytes()
    footer = int.from_bytes(found[-8:-4], "little") + 8
    path.write_bytes(found[:4] + bytes(len(found) - footer - 4) + found[-footer:])


def without_footer(path: Path) -> None:
    """Its footer is zeros, but for its length."""
    found = path.read_bytes()
    footer = int.from_bytes(found[-8:-4], "little")
    path.write_bytes(found[: -footer - 8] + bytes(footer) + found[-8:])


@pytest.mark.parametrize("damage", [cut, emptied, foreign, text, overwritten, without_footer])
def test_a_damaged_file_is_named_and_the_rest_is_answered(
    service: QueryService, data: FakeSource, damage: Callable[[Path], None]
) -> None:
    data.add_file("spans", [{"start_time": START_NS + HOUR_NS}])
    bad = data.add_file("spans", [{}])
    data.add_file("logs", [{}])
    damage(Path(bad.path))
    with pytest.raises(DataDamaged, match="lake/") as caught:
        service.run(SqlQuery("SELECT max(name), max(span_id) FROM spans"))
    assert caught.value.files == (bad.path,)
    assert bad.path in str(caught.value)
    assert value(service, "SELECT count(time) FROM logs") == 1
    assert value(service, "SELECT count(name) FROM spans", start_ns=START_NS + 1) == 1


def test_once_it_is_moved_away_the_rest_is_answered_and_it_is_named(
    service: QueryService, data: FakeSource
) -> None:
    data.add_file("spans", [{}])
    bad = data.add_file("spans", [{}])
    copy = shutil.copy(bad.path, data.data_dir / "copy")
    cut(Path(bad.path))
    with pytest.raises(DataDamaged):
        service.run(SqlQuery("SELECT count(name) FROM spans"))
    Path(bad.path).unlink()
    found = answer(service, "SELECT count(name) FROM spans")
    assert (found["rows"], found["missing_files"]) == ([[1]], [bad.path])
    # And put back, it is read again.
    shutil.copy(copy, bad.path)
    found = answer(service, "SELECT count(name) FROM spans")
    assert (found["rows"], found["missing_files"]) == ([[2]], [])


def test_a_mistake_in_the_query_is_nobodys_damage(service: QueryService, data: FakeSource) -> None:
    entry = data.add_file("spans", [{"name": "x"}])
    overwritten(Path(entry.path))
    with pytest.raises(QueryFailed):
        service.run(SqlQuery("SELECT no_such_column FROM spans"))


def test_a_file_is_not_blamed_for_what_all_can_read(data: FakeSource) -> None:
    good = data.add_file("spans", [{}])
    tables = {"spans": {"groups": [{"paths": [good.path]}]}}
    assert damaged_files(duckdb.IOException("no descriptors are left"), tables) == []
    overwritten(Path(good.path))
    [(path, _)] = damaged_files(duckdb.IOException("no descriptors are left"), tables)
    assert path == good.path
    assert damaged_files(duckdb.ConversionException(f"not this: {good.path}"), tables) == []
