"""What the three methods count, by OpenSLO's worked examples and by hand."""

from decimal import Decimal

import numpy as np
import pytest

from alerting.slo.budget import budget
from alerting.slo.minutes import Minutes
from alerting.slo.model import Method, Objective
from alerting.slo.slices import counted

TWO_WEEKS = 20_160
SLICES = Objective("o", Decimal("0.95"), slice_target=0.95, slice_minutes=1)


def _attacked(minutes: float) -> Minutes:
    """Two weeks of 1,000 requests a minute at 99 %, of which so many minutes are at 1 %."""
    good = np.full(TWO_WEEKS, 990.0)
    whole = int(minutes)
    good[:whole] = 10
    return Minutes.of_deltas(range(TWO_WEEKS), good, np.full(TWO_WEEKS, 1000.0))


def _remaining(minutes: Minutes, method: Method) -> float:
    rows = counted(minutes, method, SLICES)
    remaining = budget(rows, SLICES.budget, 0, TWO_WEEKS).remaining
    assert remaining is not None
    return remaining


def test_timeslices_last_16_hours_and_48_minutes() -> None:
    assert _remaining(_attacked(16 * 60 + 48), "Timeslices") == pytest.approx(0, abs=1e-12)
    assert _remaining(_attacked(16 * 60 + 49), "Timeslices") < -1e-4


def test_ratio_timeslices_last_13_hours_and_three_quarters() -> None:
    """Exactly (0.04 x 20160) / 0.98 = 822.86 minutes, which the example rounds."""
    assert _remaining(_attacked(822), "RatioTimeslices") > 0
    assert _remaining(_attacked(823), "RatioTimeslices") < 0
    assert pytest.approx(13.75, abs=0.05) == 823 / 60


def test_occurrences_last_16632_failures_of_an_attack_at_1_percent() -> None:
    """336,000 requests leave 16,800 for the attack, of which 99 % fail."""
    minutes = Minutes.of_deltas([0, 1], [336_000 - 16_800, 168], [336_000 - 16_800, 16_800])
    whole = budget(counted(minutes, "Occurrences", SLICES), SLICES.budget, 0, 2)
    assert (whole.tally.bad, whole.allowed) == (16_632, pytest.approx(16_800))


def test_a_slice_of_five_failures_in_ninety_nine_is_bad_and_in_a_hundred_is_good() -> None:
    minutes = Minutes.of_deltas([0, 1], [94, 95], [99, 100])
    assert counted(minutes, "Timeslices", SLICES).good.tolist() == [0, 1]


def test_five_bad_minutes_of_a_week_are_within_9995_and_six_are_not() -> None:
    week = 10_080
    strict = Objective("o", Decimal("0.9995"), slice_target=0.95)
    for bad, kept in ((5, True), (6, False)):
        good = np.ones(week)
        good[:bad] = 0
        minutes = Minutes.of_deltas(range(week), good, np.ones(week))
        whole = budget(counted(minutes, "Timeslices", strict), strict.budget, 0, week)
        assert whole.allowed * 60 == pytest.approx(5 * 60 + 2.4)
        assert whole.kept is kept


def test_slices_of_five_minutes_weigh_their_events_inside() -> None:
    """1 of 1 and 0 of 9 make a tenth, not a half; minute 5 belongs to the next slice."""
    of_five = Objective("o", Decimal("0.9"), slice_target=0.5, slice_minutes=5)
    minutes = Minutes.of_deltas([0, 4, 5], [1, 0, 3], [1, 9, 4])
    ratios = counted(minutes, "RatioTimeslices", of_five)
    assert (ratios.minute.tolist(), ratios.good.tolist()) == ([0, 5], [0.1, 0.75])
    assert counted(minutes, "Timeslices", of_five).good.tolist() == [0, 1]


@pytest.mark.parametrize("method", ["Occurrences", "Timeslices", "RatioTimeslices"])
def test_minutes_without_traffic_add_nothing(method: Method) -> None:
    rows = counted(Minutes.of_deltas([0, 1, 2], [0, 5, 0], [0, 5, 0]), method, SLICES)
    assert rows.minute.tolist() == [1]
    assert counted(Minutes.none(), method, SLICES).tally(0, 9).indicator is None


def test_more_good_than_there_is_counts_as_all() -> None:
    """Extrapolated increases of two queries differ by a little."""
    rows = counted(Minutes.of_deltas([0, 1], [10.2, -0.1], [10, 4]), "Occurrences", SLICES)
    assert rows.good.tolist() == [10, 0]
