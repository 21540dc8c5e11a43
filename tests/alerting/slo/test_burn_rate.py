"""Burn rates and the alerts of the workbook, minute by minute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.slo.burn_rate import AlertState, burn_rate, state
from alerting.slo.catalogue import workbook
from alerting.slo.minutes import Minutes
from alerting.slo.model import BurnAlert, BurnCondition

PAGE, TICKET = workbook().policies(43_200)
QUICK, SLOW = PAGE.alerts
NOW = 10_000
SHARE = 0.001


def _steady(bad_of_1000: float, minutes: int, end: int = NOW) -> Minutes:
    """1,000 events in each of the last so many minutes."""
    total = np.full(minutes, 1000.0)
    return Minutes.of_deltas(range(end - minutes + 1, end + 1), total - bad_of_1000, total)


def _state(alert: BurnAlert, rows: Minutes, now: int = NOW, minimum: float = 1) -> AlertState:
    return state(alert, rows, rows, SHARE, now, minimum)


def test_the_running_minute_is_the_last_of_the_window() -> None:
    rows = Minutes.of_deltas([NOW - 5, NOW - 4, NOW, NOW + 1], [0, 1, 0, 0], [1, 1, 1, 1])
    assert burn_rate(rows, 0.1, 5, NOW) == pytest.approx(5)


def test_no_traffic_is_no_burn_rate() -> None:
    assert burn_rate(Minutes.none(), SHARE, 60, NOW) is None
    assert _state(QUICK, Minutes.none()).reason == "no_traffic"


def test_a_page_needs_more_than_14_4_times_the_budget_in_both_windows() -> None:
    assert _state(QUICK, _steady(14.4, 60)).reason == "below_threshold"
    burning = _state(QUICK, _steady(14.5, 60))
    assert (burning.reason, burning.fires) == ("burning", True)
    assert [c.burn_rate for c in burning.conditions] == [pytest.approx(14.5)] * 2


def test_all_failing_is_found_after_52_seconds_of_the_hour() -> None:
    """0.0144 x 60 minutes = 0.864 minutes of failures in an hour: the first whole minute."""
    healthy = _steady(0, 59, NOW - 1)
    assert _state(QUICK, healthy.plus(_steady(860, 1))).fires is False
    assert _state(QUICK, healthy.plus(_steady(870, 1))).fires is True


def test_the_short_window_ends_the_alert_five_minutes_after_the_errors() -> None:
    burst, calm = _steady(100, 60), _steady(0, 10, NOW + 10)
    rows = burst.plus(calm)
    fires = [_state(QUICK, rows, NOW + late).fires for late in range(8)]
    assert fires == [True] * 5 + [False] * 3
    long = _state(QUICK, rows, NOW + 6).conditions[0]
    assert long.condition.minutes == 60
    assert long.holds


def test_slow_burn_pages_by_the_six_hours_and_not_by_the_hour() -> None:
    rows = _steady(7, 400)
    assert _state(QUICK, rows).fires is False
    assert _state(SLOW, rows).fires is True


def test_one_failure_of_little_traffic_does_not_page_where_more_are_asked_for() -> None:
    """1 of 20 burns at 50 times the budget; with a minimum of 3 bad events it waits for 3."""
    rows = Minutes.of_deltas([NOW - 1], [19], [20])
    assert _state(QUICK, rows).fires is True
    quiet = _state(QUICK, rows, minimum=3)
    assert (quiet.reason, quiet.bad_events) == ("too_few_bad_events", 1)
    assert _state(QUICK, rows.plus(Minutes.of_deltas([NOW], [0], [2])), minimum=3).fires is True


@given(st.integers(1, 9_999), st.integers(1, 200), st.integers(1, 10**6))
def test_a_rate_that_equals_its_limit_is_never_above_it(
    budget: int, tenths: int, times: int
) -> None:
    """The same numbers as whole ones: tenths / 10 times the budget of 10,000 events."""
    rows = Minutes.of_deltas([NOW], [(100_000 - budget * tenths) * times], [100_000 * times])
    for or_equal in (False, True):
        alert = BurnAlert((BurnCondition(60, tenths / 10, or_equal),))
        assert state(alert, rows, rows, budget / 10_000, NOW, 0).fires is or_equal


def test_a_condition_may_be_met_by_equality() -> None:
    rows = Minutes.of_deltas([NOW], [75], [100])
    for or_equal in (False, True):
        alert = BurnAlert((BurnCondition(60, 1.0, or_equal),))
        assert state(alert, rows, rows, 0.25, NOW).fires is or_equal
