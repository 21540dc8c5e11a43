"""Which series files have: as reading them says, however they are remembered."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from query.prometheus.stored.family import Family
from query.prometheus.stored.span import Bounds
from query.worker.series_files import SeriesFiles
from query.worker.sources import FileGroup, TableRows

DAY_NS = 86_400 * 10**9
Row = tuple[int, int, str, str | None]
# Series, day, name and unit.
FILES: list[list[Row]] = [
    [(9, 0, "a", "s"), (2, 0, "a", "s"), (5, 0, "b", None)],
    [(7, 1, "a", "s"), (2, 1, "a", "s"), (8, 2, "c", "")],
    [(4, 1, "b", ""), (1, 3, "b", "s")],
]
HOT: list[Row] = [(2, 1, "a", "s"), (2, 1, "a", "s"), (11, 1, "d", None), (12, 4, "d", None)]


def _table(rows: list[Row]) -> pa.Table:
    ids, days, names, units = zip(*rows, strict=True)
    word = pa.dictionary(pa.int32(), pa.string())
    nothing = pa.nulls(len(rows), pa.string())
    return pa.table(
        {
            "series_id": pa.array(ids, pa.uint64()),
            "day": pa.array([date(1970, 1, 1) + timedelta(day) for day in days]),
            "name": pa.array(names, pa.string()),
            "unit": pa.array(units, pa.string()).cast(word),
            "type": pa.array(["gauge"] * len(rows)),
            "is_monotonic": pa.nulls(len(rows), pa.bool_()),
            "temporality": nothing,
            "metadata": nothing,
        }
    )


def _rows(folder: Path, hot: list[Row]) -> TableRows:
    paths, times = [], []
    for number, rows in enumerate(FILES):
        path = folder / f"{number}.parquet"
        pq.write_table(_table(rows), path)
        days = [day for _, day, _, _ in rows]
        paths.append(str(path))
        times.append((min(days) * DAY_NS, max(days) * DAY_NS))
    group = FileGroup({}, "", paths, times, [0] * len(paths))
    return TableRows([group], _table(hot) if hot else None)


def _expected(first: int, last: int, hot: list[Row]) -> dict[int, Family]:
    return {
        one: Family(name, unit or "", "gauge", None, None, "")
        for rows in [*FILES, hot]
        for one, day, name, unit in rows
        if first <= day <= last
    }


@pytest.mark.parametrize("most_bytes", [0, 10**6], ids=["forgetful", "roomy"])
@pytest.mark.parametrize("hot", [[], HOT], ids=["files", "hot"])
def test_days_have_their_series(tmp_path: Path, hot: list[Row], most_bytes: int) -> None:
    rows, known = _rows(tmp_path, hot), SeriesFiles(most_bytes)
    for first, last in [(0, 4), (1, 1), (1, 1), (2, 3), (4, 4), (5, 9), (0, 4)]:
        bounds: Bounds = first * DAY_NS, (last + 1) * DAY_NS
        found = known.ids(rows.within(bounds[0], bounds[1]), bounds)
        families = [found.families[number] for number in found.numbers.tolist()]
        assert list(zip(found.ids.tolist(), families, strict=True)) == sorted(
            _expected(first, last, hot).items()
        )
        named = _expected(first, last, hot)
        assert found.named({"a", "d"}).tolist() == sorted(
            one for one, family in named.items() if family.name in ("a", "d")
        )
        assert known.size_bytes <= most_bytes
    assert len(known.ids(rows, (None, None)).ids) == len(_expected(0, 9, hot))


def test_what_is_remembered_is_not_read_again(tmp_path: Path) -> None:
    rows, known = _rows(tmp_path, []), SeriesFiles(10**6)
    before = known.ids(rows, (0, 9 * DAY_NS))
    for path in rows.groups[0].paths:
        Path(path).unlink()
    assert known.ids(rows, (0, 9 * DAY_NS)).ids.tolist() == before.ids.tolist()
    assert len(known.ids(rows.within(0, DAY_NS - 1), (0, DAY_NS)).ids) == 3
    with pytest.raises(OSError, match=r"1\.parquet"):
        known.ids(rows.within(DAY_NS, 2 * DAY_NS - 1), (DAY_NS, 2 * DAY_NS))
