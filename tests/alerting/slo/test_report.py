"""An objective at one instant, and its weeks and months."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from alerting.durations import MINUTE_NS
from alerting.slo.exclusions import Interval
from alerting.slo.minutes import Minutes
from alerting.slo.report import history, longest_alert_window, policy_states, report, standing
from tests.support.slo_documents import NATIVE, only

DAY = 1_440


def _minute(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) // 60  # type: ignore[arg-type, misc]


NOW = _minute(2026, 11, 21, 12)


def _days(count: int, bad: int = 0) -> Minutes:
    """A thousand events a minute up to now, so many of them bad."""
    total = np.full(count * DAY, 1000.0)
    return Minutes.of_deltas(range(NOW + 1 - count * DAY, NOW + 1), total - bad, total)


def test_an_objective_that_keeps_exactly_its_promise() -> None:
    slo = only(NATIVE)
    now = standing(slo, slo.objectives[0], _days(40, bad=1), NOW * MINUTE_NS + 1)
    assert (now.start, now.end) == (NOW + 1 - 30 * DAY, NOW + 1)
    assert now.budget.tally.total == 30 * DAY * 1000
    assert now.budget.remaining == pytest.approx(0, abs=1e-9)
    assert len(now.days) == 31
    assert sum(day.spent for day in now.days) == pytest.approx(1)
    assert set(now.burn_rates) == {5, 30, 60, 120, 360, 1440, 4320}
    assert all(rate == pytest.approx(1) for rate in now.burn_rates.values())
    assert [policy.fires for policy in now.policies] == [False, False]


def test_an_outage_spends_pages_and_foretells_the_end() -> None:
    """20 minutes of failure of 43,200 spend 20 / 43.2 of the budget."""
    slo = only(NATIVE)
    outage = Minutes.of_deltas(range(NOW - 19, NOW + 1), np.full(20, -1000.0), np.zeros(20))
    now = standing(slo, slo.objectives[0], _days(30).plus(outage), NOW * MINUTE_NS)
    assert now.budget.spent == pytest.approx(20 / 43.2)
    assert now.burn_rates[60] == pytest.approx(1000 / 3)
    assert now.minutes_to_exhaustion == pytest.approx((1 - 20 / 43.2) * 43_200 / (1000 / 3))
    page, ticket = now.policies
    assert (page.fires, ticket.fires) == (True, True)
    assert [alert.reason for alert in page.alerts] == ["burning", "burning"]


def test_the_alerts_alone_need_no_more_than_their_longest_window() -> None:
    slo = only(NATIVE)
    rows = _days(30, bad=8)
    assert longest_alert_window(slo) == 3 * DAY
    recent = rows.where(rows.minute > NOW - 3 * DAY)
    whole = standing(slo, slo.objectives[0], rows, NOW * MINUTE_NS).policies
    assert policy_states(slo, slo.objectives[0], recent, NOW * MINUTE_NS) == whole
    assert [policy.fires for policy in whole] == [True, True]
    quiet = only(NATIVE, ("service: shop", "service: shop\n    alerts: none"))
    assert longest_alert_window(quiet) == 0


def test_maintenance_gives_the_budget_back() -> None:
    slo = only(NATIVE)
    outage = Minutes.of_deltas(range(NOW - 19, NOW + 1), np.full(20, -1000.0), np.zeros(20))
    excluded = Interval((NOW - 19) * MINUTE_NS, (NOW + 1) * MINUTE_NS)
    rows = _days(30).plus(outage)
    now = standing(replace(slo, exclusions=(excluded,)), slo.objectives[0], rows, NOW * MINUTE_NS)
    assert (now.budget.remaining, now.budget.tally.total) == (1, (43_200 - 20) * 1000)
    assert now.burn_rates[5] is None
    assert [alert.reason for alert in now.policies[0].alerts] == ["no_traffic", "below_threshold"]


def test_without_any_data_nothing_is_claimed() -> None:
    slo = only(NATIVE)
    now = standing(slo, slo.objectives[0], Minutes.none(), NOW * MINUTE_NS)
    assert (now.budget.remaining, now.minutes_to_exhaustion) == (None, None)
    assert set(now.burn_rates.values()) == {None}
    assert [(policy.fires, policy.no_data) for policy in now.policies] == [(False, True)] * 2


def test_what_the_future_holds_is_not_counted() -> None:
    """Clocks of senders may run ahead; a calendar month ends later than now."""
    slo = only(NATIVE, ("window: 30d", "window: {calendar: 1M}"))
    rows = _days(30).plus(Minutes.of_deltas([NOW + 5], [0], [9e9]))
    now = standing(slo, slo.objectives[0], rows, NOW * MINUTE_NS)
    assert (now.start, now.end) == (_minute(2026, 11, 1), _minute(2026, 12, 1))
    assert now.budget.remaining == 1
    assert all(
        one.budget.tally.bad == 0 for one in report(slo, slo.objectives[0], rows, NOW * MINUTE_NS)
    )


def test_months_and_weeks_begin_at_local_midnight() -> None:
    """One bad event in the last minute of October in Berlin, which UTC would have an hour later."""
    berlin = "window: {calendar: 1M, time_zone: Europe/Berlin}"
    slo = only(NATIVE, ("window: 30d", berlin))
    last = _minute(2026, 10, 31, 22, 59)
    rows = Minutes.of_deltas([last, last + 1, NOW], [9, 10, 10], [10, 10, 10])
    periods = report(slo, slo.objectives[0], rows, NOW * MINUTE_NS, weeks=4)
    named = {one.name: one.budget.tally for one in periods}
    assert list(named) == [
        "this_month",
        "last_month",
        "2026-11-16",
        "2026-11-09",
        "2026-11-02",
        "2026-10-26",
    ]
    assert (named["this_month"].total, named["this_month"].bad) == (20, 0)
    assert (named["last_month"].total, named["last_month"].indicator) == (10, 0.9)
    assert named["2026-11-09"].indicator is None
    assert named["2026-10-26"].total == 20


def test_the_history_lies_end_to_end() -> None:
    slo = only(NATIVE)
    rows = _days(45, bad=2)
    now, before, nothing = history(slo, slo.objectives[0], rows, NOW * MINUTE_NS, periods=3)
    assert (now.end, now.start, before.start) == (NOW + 1, before.end, nothing.end)
    assert now.budget.spent == pytest.approx(2)
    assert before.budget.tally.total == 15 * DAY * 1000
    assert nothing.budget.kept is None
