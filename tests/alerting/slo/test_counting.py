"""Good and total of minutes, from what the sources of an indicator answer."""

from decimal import Decimal

import pytest
from support.slo_data import Data, Values

from alerting.slo.counting import counted, question
from alerting.slo.minutes import Minutes
from alerting.slo.model import (
    BadRatio,
    GoodRatio,
    Indicator,
    Objective,
    Promql,
    RawRatio,
    Spans,
    Sql,
    Threshold,
)
from alerting.slo.span_filter import Status
from goldeneye.errors import GoldeneyeError

NAN = float("nan")
PLAIN = Objective("o", Decimal("0.9"))
GOOD, TOTAL = Promql("good"), Promql("total")


def _count(data: Data, indicator: Indicator, objective: Objective, first: int, end: int) -> Minutes:
    (answer,) = data.ask([question(indicator, first, end)])
    assert not isinstance(answer, GoldeneyeError)
    return counted(indicator, objective, answer, first)


def _rows(minutes: Minutes) -> dict[int, tuple[float, float]]:
    return dict(
        zip(
            minutes.minute.tolist(),
            zip(minutes.good.tolist(), minutes.total.tolist(), strict=True),
            strict=True,
        )
    )


def _counted(
    indicator: Indicator,
    queries: dict[str, list[Values]],
    first: int = 0,
    end: int = 100,
    objective: Objective = PLAIN,
) -> dict[int, tuple[float, float]]:
    return _rows(_count(Data(queries=queries), indicator, objective, first, end))


def test_spans_are_counted_by_one_question() -> None:
    data = Data()
    data.happened(3, good=7, bad=2)
    data.happened(4, good=0, bad=1)
    every = Spans("shop")
    indicator = GoodRatio(Spans("shop", filter=Status("!=", "error")), every)
    assert _rows(_count(data, indicator, PLAIN, 0, 100)) == {3: (7, 9), 4: (0, 1)}
    assert data.asked == [(0, 100)]


def test_series_of_a_query_add_up() -> None:
    queries = {"good": [{1: 3, 2: 4}, {1: 5}], "total": [{1: 4, 2: 4}, {1: 5}]}
    assert _counted(GoodRatio(GOOD, TOTAL), queries) == {1: (8, 9), 2: (4, 4)}
    assert _counted(BadRatio(GOOD, TOTAL), queries) == {1: (1, 9), 2: (0, 4)}


def test_without_a_value_there_was_no_such_event_but_no_number_is_unknown() -> None:
    queries: dict[str, list[Values]] = {
        "good": [{2: NAN, 4: 1}],
        "total": [{1: 10, 2: 10, 3: NAN, 5: 2}],
    }
    assert _counted(GoodRatio(GOOD, TOTAL), queries) == {1: (0, 10), 5: (0, 2)}
    assert _counted(BadRatio(GOOD, TOTAL), queries) == {1: (10, 10), 5: (2, 2)}


def test_counters_count_by_their_increase_across_resets() -> None:
    """Two instances; the second is started anew in minute 12, and serves 3 requests by its end."""
    queries: dict[str, list[Values]] = {
        "good": [{9: 100, 10: 110, 11: 110, 12: 115}, {9: 50, 10: 60, 11: 65, 12: 3}],
        "total": [{9: 100, 10: 111, 11: 111, 12: 117}, {9: 50, 10: 60, 11: 65, 12: 3}],
    }
    found = _counted(GoodRatio(GOOD, TOTAL, counter=True), queries, first=10)
    assert found == {10: (20, 21), 11: (5, 5), 12: (8, 9)}


def test_counters_do_not_count_what_was_before_them() -> None:
    queries: dict[str, list[Values]] = {"good": [{10: 7_000}], "total": [{10: 7_000}]}
    assert _counted(GoodRatio(GOOD, TOTAL, counter=True), queries) == {}


def test_each_value_of_a_threshold_is_an_event() -> None:
    objective = Objective("fast", Decimal("0.9"), "lt", 500.0)
    queries: dict[str, list[Values]] = {"latency": [{1: 100, 2: 900}, {1: 499, 2: NAN}]}
    found = _counted(Threshold(Sql("latency")), queries, objective=objective)
    assert found == {1: (2, 2), 2: (0, 1)}


@pytest.mark.parametrize(("success", "good"), [(True, 0.75), (False, 0.25)], ids=["ok", "failed"])
def test_a_ratio_that_is_made_already(success: bool, good: float) -> None:
    found = _counted(RawRatio(Promql("raw"), success), {"raw": [{1: 0.75, 2: NAN}]})
    assert found == {1: (good, 1)}
