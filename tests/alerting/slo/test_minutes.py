"""Minutes add up, however they come."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerting.slo.minutes import Minutes, minute_of

ROWS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 1000), st.integers(0, 1000)), max_size=60
)


def _of(rows: list[tuple[int, int, int]]) -> Minutes:
    return Minutes.of_deltas(*([row[n] for row in rows] for n in range(3)))


def _listed(minutes: Minutes) -> list[tuple[float, ...]]:
    columns = (minutes.minute, minutes.good, minutes.total)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_deltas_of_one_minute_are_summed() -> None:
    assert _listed(_of([(7, 1, 2), (5, 10, 10), (7, 3, 3)])) == [(5, 10, 10), (7, 4, 5)]


def test_what_is_no_number_adds_nothing() -> None:
    minutes = Minutes.of_deltas([1, 1, 2], [np.nan, 1, 0], [5, 2, np.inf])
    assert _listed(minutes) == [(1, 1, 2)]


def test_a_range_excludes_its_end() -> None:
    tally = _of([(1, 1, 1), (2, 1, 2), (3, 0, 4)]).tally(1, 3)
    assert (tally.good, tally.total, tally.bad, tally.indicator) == (2, 3, 1, 2 / 3)


def test_nothing_has_no_indicator() -> None:
    assert Minutes.none().tally(0, 1000).indicator is None


def test_a_minute_holds_its_sixty_seconds() -> None:
    assert [minute_of(s * 1_000_000_000) for s in (0, 59, 60)] == [0, 0, 1]


@given(ROWS, st.integers(0, 60))
def test_splitting_and_the_order_of_late_data_change_nothing(
    rows: list[tuple[int, int, int]], at: int
) -> None:
    whole = _listed(_of(rows))
    assert _listed(_of(rows[:at]).plus(_of(rows[at:]))) == whole
    assert _listed(_of(rows[at:]).plus(_of(rows[:at]))) == whole
    assert _listed(_of(rows[::-1])) == whole


@given(ROWS, st.integers(0, 201))
def test_two_halves_of_time_have_the_sum_of_the_whole(
    rows: list[tuple[int, int, int]], middle: int
) -> None:
    minutes = _of(rows)
    first, second = minutes.tally(0, middle), minutes.tally(middle, 201)
    assert first.good + second.good == sum(row[1] for row in rows)
    assert first.total + second.total == sum(row[2] for row in rows)
