"""The error budget against cases reckoned by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.slo.budget import budget, minutes_to_exhaustion, spent_by_day
from alerting.slo.minutes import Minutes

DAY = 1_440
COUNTS = st.lists(
    st.tuples(st.integers(0, 5 * DAY - 1), st.integers(0, 500), st.integers(0, 500)),
    min_size=1,
    max_size=40,
)


def _of(rows: list[tuple[int, int, int]]) -> Minutes:
    """Minute, bad, good."""
    good = [row[2] for row in rows]
    return Minutes.of_deltas([r[0] for r in rows], good, [r[1] + r[2] for r in rows])


def test_the_indicator_is_the_sum_of_good_over_the_sum_of_total() -> None:
    """The mean of the two minutes' ratios would be 0.5."""
    whole = budget(_of([(0, 1, 0), (1, 0, 999)]), 0.001, 0, 2)
    assert whole.tally.indicator == 0.999
    assert (whole.allowed, whole.spent, whole.remaining, whole.kept) == (1, 1, 0, True)


def test_an_overspent_budget_is_negative() -> None:
    whole = budget(_of([(0, 5, 995)]), 0.001, 0, 1)
    assert (whole.spent, whole.remaining, whole.kept) == (5, -4, False)


def test_without_traffic_there_is_no_budget_to_speak_of() -> None:
    whole = budget(_of([(0, 0, 0)]), 0.001, 0, 10)
    assert (whole.spent, whole.remaining, whole.kept) == (None, None, None)
    assert minutes_to_exhaustion(whole.remaining, None, 43_200) is None
    assert [day.spent for day in spent_by_day(whole, Minutes.none(), (0, 5, 10))] == [0, 0]


def test_late_data_corrects_the_past() -> None:
    """1 bad of 100; then 100 good ones of the same minute arrive, and the rate halves."""
    known = _of([(3, 1, 99)])
    assert budget(known, 0.01, 0, 10).spent == 1
    assert budget(known.plus(_of([(3, 0, 100)])), 0.01, 0, 10).spent == 0.5


def test_days_have_their_part_of_the_whole_budget() -> None:
    """2,000 events allow 20 bad ones: 5 of the first day and 15 of the second."""
    rows = _of([(10, 5, 995), (DAY, 15, 985)])
    whole = budget(rows, 0.01, 0, 2 * DAY)
    days = spent_by_day(whole, rows, (0, DAY, 2 * DAY))
    assert [(day.tally.bad, day.spent) for day in days] == [(5, 0.25), (15, 0.75)]


@pytest.mark.parametrize(
    ("remaining", "rate", "minutes"),
    [(1.0, 1.0, 43_200), (0.5, 14.4, 1_500), (-0.1, 1.0, 0), (0.7, 0.0, None), (0.7, None, None)],
)
def test_time_to_exhaustion(remaining: float, rate: float | None, minutes: float | None) -> None:
    assert minutes_to_exhaustion(remaining, rate, 43_200) == minutes


@given(st.integers(1, 99_999), st.sampled_from([100_000, 10_000, 1_000]), st.integers(1, 10**6))
def test_a_budget_that_is_used_up_exactly_is_zero_and_kept(bad: int, of: int, times: int) -> None:
    share = bad % of / of
    if share:
        whole = budget(_of([(0, bad % of * times, (of - bad % of) * times)]), share, 0, 1)
        assert (whole.spent, whole.remaining, whole.kept) == (1, 0, True)


@given(COUNTS, st.sampled_from([0.001, 0.01, 0.05, 0.5]), st.integers(1, 5 * DAY - 1))
def test_remaining_and_spent_make_one_and_days_make_the_whole(
    rows: list[tuple[int, int, int]], share: float, middle: int
) -> None:
    minutes = _of(rows)
    whole = budget(minutes, share, 0, 5 * DAY)
    if whole.spent is None or whole.remaining is None:
        assert sum(row[1] + row[2] for row in rows) == 0
        return
    assert whole.remaining + whole.spent == pytest.approx(1)
    days = spent_by_day(whole, minutes, (0, middle, 5 * DAY))
    assert sum(day.spent for day in days) == pytest.approx(whole.spent)
