"""Row groups of points that are remembered by series have what looking at all rows finds."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.prometheus.stored.plain_points import PlainPoints
from query.worker.direct import Asked
from query.worker.point_files import PointFiles
from query.worker.point_groups import PointGroup, PointGroups, point_group
from query.worker.sources import FileGroup, TableRows

IDS = st.integers(0, 5) | st.integers(2**64 - 3, 2**64 - 1)
NOBODY = np.empty(0, dtype=np.int64)


@settings(max_examples=100)
@given(st.lists(IDS, max_size=30), st.sets(IDS, min_size=1))
def test_rows_of_series(rows: list[int], asked: set[int]) -> None:
    wanted = sorted(asked)
    group = point_group(pa.array(rows, pa.uint64()), NOBODY, pa.table({}))
    found, places = group.of_series(np.array(wanted, dtype=np.uint64))
    expected = [(row, wanted.index(one)) for row, one in enumerate(rows) if one in asked]
    assert list(zip(found.tolist(), places.tolist(), strict=True)) == expected


def _made(rows: int) -> PointGroup:
    ids = pa.array(range(rows), pa.uint64())
    return point_group(ids, np.zeros(rows, dtype=np.int64), pa.table({"value": [0.5] * rows}))


def test_the_second_question_reads_it_and_the_third_finds_it() -> None:
    groups, read = PointGroups(100_000), list[str]()

    def ask(name: str) -> PointGroup | None:
        def made() -> PointGroup:
            read.append(name)
            return _made(1_000)

        return groups.group((name, 0, ("value",)), made)

    assert ask("a") is None
    assert ask("a") is ask("a") is not None
    assert read == ["a"]
    for name in "bbccdda":
        ask(name)
        assert groups.size_bytes <= 100_000
    # Some made room for others.
    assert read == [*"abcda"]
    assert not groups.may_keep(100_000)


ROWS = 240


def test_wide_columns_do_not_push_each_other_out() -> None:
    groups = PointGroups(100_000)
    wide = pa.table({"lists": [[1.0] * 10] * 1_000})
    made = point_group(pa.array(range(1_000), pa.uint64()), NOBODY, wide)
    for _ in range(2):
        groups.group(("a", 0, ("lists",)), lambda: made, ("lists",))
    assert groups.may_keep(2_000)
    assert not groups.may_keep(2_000, ("lists",))
    assert groups.may_keep(2_000, ("value",))


def _points(unknown: bool = True) -> pa.Table:
    times = [number // 8 * 10**9 for number in range(ROWS)]
    return pa.table(
        {
            "series_id": pa.array([number % 8 * 7 for number in range(ROWS)], pa.uint64()),
            "time": pa.array(
                [None if unknown and number % 50 == 3 else times[number] for number in range(ROWS)]
            ).cast(pa.timestamp("ns")),
            "received_time": pa.array(times).cast(pa.timestamp("ns")),
            "value": pa.array([float(number) for number in range(ROWS)]),
        }
    )


def _file(folder: Path, unknown: bool = True) -> TableRows:
    table = _points(unknown)
    path = folder / "points.parquet"
    pq.write_table(table, path, row_group_size=60)
    names = dict.fromkeys(table.column_names, "")
    return TableRows([FileGroup(names, "", [str(path)], [(0, (ROWS // 8 - 1) * 10**9)], [0])], None)


def _listed(batches: Iterable[PlainPoints]) -> list[tuple[int, int, float]]:
    return [point for found in batches for point in _points_of(found)]


def _points_of(found: PlainPoints) -> list[tuple[int, int, float]]:
    values = found.columns.column("value").to_pylist()
    return list(zip(found.places.tolist(), found.times_ms.tolist(), values, strict=True))


@pytest.mark.parametrize("bounds_s", [(None, None), (4, 17), (28, 29)], ids=str)
def test_asked_again_it_answers_the_same(
    tmp_path: Path, bounds_s: tuple[int | None, int | None]
) -> None:
    rows, start_ns, end_ns = _file(tmp_path), *(one and one * 10**9 for one in bounds_s)
    asked, ids = Asked(start_ns, end_ns, ROWS), np.array([0, 3, 14, 49], dtype=np.uint64)
    points = PointFiles(10**6)
    first, second, third = (_listed(points.points(rows, ids, ["value"], asked)) for _ in range(3))
    assert first == second == third
    Path(rows.groups[0].paths[0]).unlink()
    assert _listed(points.points(rows, ids, ["value"], asked)) == first
    with pytest.raises(OSError, match=r"points\.parquet"):
        _listed(PointFiles(10**6).points(rows, ids, ["value"], asked))


def test_large_questions_get_the_memory(tmp_path: Path) -> None:
    rows, points = _file(tmp_path, unknown=False), PointFiles(200 * 32)
    ids = np.array([0, 7], dtype=np.uint64)
    small, large = Asked(None, 3 * 10**9, ROWS), Asked(None, None, ROWS)
    found = [_listed(points.points(rows, ids, ["value"], small)) for _ in range(2)]
    assert points.remembered_bytes > 0
    found.append(_listed(points.points(rows, ids, ["value"], large))[: len(found[0])])
    assert points.remembered_bytes == 0
    assert found[0] == found[1] == found[2]


def test_hot_rows_are_remembered_for_one_question_only() -> None:
    points, asked = PointFiles(10**6), Asked(4 * 10**9, None, ROWS)
    ids = np.array([0, 3, 14, 49], dtype=np.uint64)
    table = _points()
    for hot in (table, table.slice(100)):
        rows = TableRows([], hot)
        found = [_listed(points.points(rows, ids, ["value"], asked)) for _ in range(3)]
        assert found[0] == found[1] == found[2]
        assert [value for _, _, value in found[0]] == [
            float(row)
            for row in range(ROWS - hot.num_rows, ROWS)
            if row >= 32 and row % 8 in (0, 2, 7)
        ]
        points.end()
