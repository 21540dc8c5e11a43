"""Points in any order, cut into series, as a dict of dicts would have them."""

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from query.prometheus.stored.cut import cut, cut_up
from query.prometheus.stored.plain_points import in_order_of_use

POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=60)
FALLING = [(series, time) for series in range(3) for time in range(9, -1, -1)]


@given(points=POINTS)
@example(points=FALLING)
@example(points=[*FALLING, (1, 10), (0, 10), (0, 10)])
@settings(max_examples=60, deadline=None)
def test_of_each_series_and_time_the_last_row(points: list[tuple[int, int]]) -> None:
    table = pa.table(
        {
            "series_id": pa.array([one for one, _ in points], pa.uint64()),
            "time_ms": pa.array([time for _, time in points], pa.int64()),
        }
    )
    wanted: dict[int, dict[int, int]] = {}
    for row, (series, time) in enumerate(points):
        wanted.setdefault(series, {})[time] = row
    found = cut(table)
    assert found.ids.tolist() == list(wanted)
    assert found.had_duplicates == (len(found.rows) < len(points))
    for number, own in enumerate(wanted.values()):
        part = slice(int(found.offsets[number]), int(found.offsets[number + 1]))
        rows = dict(zip(found.times_ms[part].tolist(), found.rows[part].tolist(), strict=True))
        assert list(rows) == sorted(own)
        assert rows == own


def test_more_series_than_a_digit_tells() -> None:
    codes = np.tile(np.arange(70_000, dtype=np.int32)[::-1], 2)
    times = np.repeat(np.array([2, 1]), 70_000)
    found = cut_up(np.arange(70_000, dtype=np.uint64), codes, times)
    assert found.offsets.tolist() == list(range(0, 140_001, 2))
    assert found.times_ms.tolist() == [1, 2] * 70_000
    assert codes[found.rows].tolist() == np.repeat(np.arange(70_000), 2).tolist()


@given(places=st.lists(st.integers(0, 4), max_size=40))
@example(places=[0] * 30 + [3])
@settings(max_examples=60, deadline=None)
def test_numbers_are_in_the_order_of_use(places: list[int]) -> None:
    numbers, used = in_order_of_use(np.array(places, dtype=np.int32), 5)
    assert used.tolist() == list(dict.fromkeys(places))
    assert used[numbers].tolist() == places
