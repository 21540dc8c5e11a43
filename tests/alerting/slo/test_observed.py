"""Values of sources become good and total as the indicator says."""

from decimal import Decimal

import pytest

from alerting.slo.minutes import Minutes
from alerting.slo.model import (
    BadRatio,
    Comparison,
    GoodRatio,
    Indicator,
    Objective,
    Promql,
    RawRatio,
    Threshold,
)
from alerting.slo.observed import observed

X, Y = Promql("x"), Promql("y")
NAN, INF = float("nan"), float("inf")
PLAIN = Objective("o", Decimal("0.9"))


def _sums(minutes: Minutes) -> tuple[list[int], list[float], list[float]]:
    return minutes.minute.tolist(), minutes.good.tolist(), minutes.total.tolist()


def test_good_or_bad_events_of_all() -> None:
    values, totals = [8, NAN, 3], [10, 10, 3]
    good = observed(GoodRatio(X, Y), PLAIN, [1, 2, 3], values, totals)
    assert _sums(good) == ([1, 3], [8, 3], [10, 3])
    bad = observed(BadRatio(X, Y), PLAIN, [1, 2, 3], values, totals)
    assert _sums(bad) == ([1, 3], [2, 0], [10, 3])


@pytest.mark.parametrize(("success", "good"), [(True, [0.75, 1]), (False, [0.25, 0])])
def test_a_ratio_counts_once_a_minute(success: bool, good: list[float]) -> None:
    rows = observed(RawRatio(X, success), PLAIN, [1, 2, 3], [0.75, 1, NAN])
    assert _sums(rows) == ([1, 2], good, [1, 1])


@pytest.mark.parametrize(
    ("op", "good"), [("lt", 1), ("lte", 2), ("gt", 2), ("gte", 3)], ids=lambda one: str(one)
)
def test_each_series_of_a_threshold_is_an_event(op: Comparison, good: int) -> None:
    indicator: Indicator = Threshold(X)
    objective = Objective("o", Decimal("0.9"), op, 500.0)
    rows = observed(indicator, objective, [7, 7, 7, 7, 8], [499, 500, 501, 502, NAN])
    assert _sums(rows) == ([7], [good], [4])


def test_an_endless_value_is_beyond_any_threshold() -> None:
    rows = observed(Threshold(X), Objective("o", Decimal("0.9"), "lt", 500.0), [7], [INF])
    assert _sums(rows) == ([7], [0], [1])
