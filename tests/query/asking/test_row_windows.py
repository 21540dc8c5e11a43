"""Ranges of time of a search: they join, and the nearest one is small."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from query.asking.row_windows import rows_between, windows
from query.asking.window import OpenWindow
from query.file_times import RowsOfTime

HOUR_NS = 3_600_000_000_000
FILES = st.lists(
    st.builds(
        lambda start, length, rows: RowsOfTime(start * HOUR_NS, (start + length) * HOUR_NS, rows),
        st.integers(0, 1_000),
        st.integers(0, 24),
        st.integers(1, 3_000_000),
    ),
    max_size=20,
)
BOUNDS = st.none() | st.integers(0, 500).map(lambda hour: hour * HOUR_NS)
LATER = st.none() | st.integers(501, 1_100).map(lambda hour: hour * HOUR_NS)


@given(FILES, BOUNDS, LATER, st.booleans())
def test_together_they_are_the_range(
    files: list[RowsOfTime], start_ns: int | None, end_ns: int | None, newest: bool
) -> None:
    found = windows(files, OpenWindow(start_ns, end_ns), newest)
    in_time = found[::-1] if newest else found
    assert (in_time[0].start_ns, in_time[-1].end_ns) == (start_ns, end_ns)
    for one, following in pairwise(in_time):
        assert one.end_ns == following.start_ns
        assert one.end_ns is not None


def test_the_first_is_where_a_quarter_of_a_million_rows_are() -> None:
    files = [RowsOfTime(0, 100 * HOUR_NS, 10_000_000)]
    newest = windows(files, OpenWindow(None, None), newest_first=True)
    assert [one.start_ns is None or round(one.start_ns / HOUR_NS, 1) for one in newest] == [
        97.5,
        80.0,
        True,
    ]
    oldest = windows(files, OpenWindow(None, None), newest_first=False)
    assert [one.end_ns is None or round(one.end_ns / HOUR_NS, 1) for one in oldest] == [
        2.5,
        20.0,
        True,
    ]


def test_few_rows_are_searched_at_once() -> None:
    files = [RowsOfTime(0, HOUR_NS, 400_000)]
    assert windows(files, OpenWindow(None, 7), newest_first=True) == [OpenWindow(None, 7)]


def test_rows_are_taken_for_evenly_spread() -> None:
    files = [RowsOfTime(0, 99, 1_000), RowsOfTime(50, 149, 10), RowsOfTime(70, 70, 3)]
    assert rows_between(files, 0, 150) == 1_013
    assert rows_between(files, 50, 100) == 500 + 5 + 3
    assert rows_between(files, 71, 72) == 10 + 0.1
    assert rows_between(files, 200, 300) == 0
