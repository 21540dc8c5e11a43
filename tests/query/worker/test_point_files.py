"""Points read without SQL are those that a look at each row finds, in files of any order and hot
ones."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldeneye.errors import TooManyRows
from query.prometheus.stored.plain_points import together
from query.worker.direct import Asked
from query.worker.point_files import PointFiles
from query.worker.points_ahead import nothing
from query.worker.sources import FileGroup, TableRows

COLUMNS = ("flags", "value", "value_int", "missing")
MS = 10**6


class Point(NamedTuple):
    series: int
    time: int | None
    received: int
    flags: int | None
    value: float | None


POINTS = st.lists(
    st.builds(
        Point,
        st.sampled_from([1, 5, 9, 2**63 + 7, 2**64 - 1]),
        st.one_of(st.integers(0, 20), st.none()),
        st.integers(0, 20),
        st.sampled_from([None, 0, 1]),
        st.one_of(st.floats(allow_nan=False), st.none()),
    ),
    max_size=20,
)
IDS = st.sets(st.sampled_from([1, 4, 5, 2**63 + 7, 2**64 - 1]), min_size=1)


def _table(points: list[Point]) -> pa.Table:
    return pa.table(
        {
            "series_id": pa.array([one.series for one in points], pa.uint64()),
            "time": pa.array([_ns(one.time) for one in points], pa.timestamp("ns")),
            "received_time": pa.array([_ns(one.received) for one in points], pa.timestamp("ns")),
            "flags": pa.array([one.flags for one in points], pa.int64()),
            "value": pa.array([one.value for one in points], pa.float64()),
            "value_int": pa.nulls(len(points), pa.int64()),
        }
    )


def _ns(time: int | None) -> int | None:
    return None if time is None else time * MS + 17


def _at(point: Point) -> int:
    return point.received if point.time is None else point.time


def _rows(folder: Path, files: list[list[Point]], hot: list[Point]) -> TableRows:
    paths = [str(folder / f"{number}.parquet") for number in range(len(files))]
    times = []
    for path, points in zip(paths, files, strict=True):
        pq.write_table(_table(points), path, row_group_size=6)
        own = [_at(one) * MS + 17 for one in points] or [0]
        times.append((min(own), max(own)))
    columns = dict.fromkeys(_table([]).column_names, "")
    group = FileGroup(columns, "", paths, times, [0] * len(paths))
    return TableRows([group], _table(hot) if hot else None)


def _found(known: PointFiles, rows: TableRows, ids: list[int], asked: Asked) -> list[Point]:
    batches = known.points(rows, np.array(ids, np.uint64), COLUMNS, asked)
    found = together([*batches] or [nothing()])
    absent = [None] * len(found.places)
    lists = {name: found.columns.column(name).to_pylist() for name in found.columns.column_names}
    assert "missing" not in lists
    assert set(lists.get("value_int", absent)) <= {None}
    flags, values = lists.get("flags", absent), lists.get("value", absent)
    cells = zip(found.places.tolist(), found.times_ms.tolist(), flags, values, strict=True)
    return [Point(ids[place], time, 0, flag or 0, value) for place, time, flag, value in cells]


@given(files=st.lists(POINTS, max_size=3), hot=POINTS, ids=IDS, first=st.integers(0, 15))
@settings(max_examples=40, deadline=None)
def test_as_a_look_at_each_row(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[list[Point]],
    hot: list[Point],
    ids: set[int],
    first: int,
) -> None:
    rows, known = _rows(tmp_path_factory.mktemp("data"), files, hot), PointFiles(10**6)
    for start, end in [(first, first + 6), (first, first + 6), (None, None)]:
        wanted = [
            Point(one.series, _at(one), 0, one.flags or 0, one.value)
            for one in (*(point for points in files for point in points), *hot)
            if one.series in ids and (start is None or end is None or start <= _at(one) < end)
        ]
        bounds = None if start is None else start * MS, None if end is None else end * MS
        found = _found(known, rows, sorted(ids), Asked(*bounds, 10**6))
        assert sorted(found, key=repr) == sorted(wanted, key=repr)
        most = known.most(rows, np.array(sorted(ids), np.uint64), Asked(*bounds, 10**6))
        assert most >= len(wanted)


def test_merged_points_come_oldest_first(tmp_path: Path) -> None:
    newest_first = [Point(one, time, 0, 0, 1.0) for one in (5, 9) for time in (7, 5, 3)]
    rows = _rows(tmp_path, [newest_first], [])
    found = _found(PointFiles(0), rows, [5, 9], Asked(None, None, 100))
    assert [one.time for one in found if one.series == 5] == [3, 5, 7]


def test_more_than_were_allowed(tmp_path: Path) -> None:
    rows = _rows(tmp_path, [[Point(5, time, 0, 0, 1.0) for time in range(9)]], [])
    with pytest.raises(TooManyRows):
        _found(PointFiles(0), rows, [5], Asked(None, None, 8))


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    rows = _rows(tmp_path, [[Point(5, 1, 0, 0, 1.0)]], [])
    (tmp_path / "0.parquet").write_bytes(b"PAR1 is not enough")
    with pytest.raises((OSError, ValueError, pa.ArrowException)):
        _found(PointFiles(0), rows, [5], Asked(None, None, 8))
