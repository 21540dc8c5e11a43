"""Instant and range queries from the outside: kinds of answers, limits, failures."""

import numpy as np
import pytest

from query.promql.engine import Engine, Limits
from query.promql.errors import (
    ParseFailure,
    PromqlError,
    QueryTimeout,
    TooManyPoints,
    TooManySamples,
)
from query.promql.memory import MemorySource
from query.promql.samples import STALE


def _engine(limits: Limits | None = None) -> Engine:
    source = MemorySource()
    for number in range(3):
        samples = [(minute * 60_000, float(minute * (number + 1))) for minute in range(10)]
        source.add((("__name__", "m_total"), ("i", str(number))), samples)
    return Engine(source, limits or Limits())


def test_a_vector() -> None:
    answer = _engine().instant("m_total", 120_000)
    assert answer.kind == "vector"
    assert [(dict(s.labels)["i"], s.times.tolist(), s.values.tolist()) for s in answer.series] == [
        ("0", [120_000], [2.0]),
        ("1", [120_000], [4.0]),
        ("2", [120_000], [6.0]),
    ]


def test_a_scalar_and_a_string() -> None:
    scalar, text = _engine().instant("1 + 1", 0), _engine().instant('"x"', 0)
    assert (scalar.kind, scalar.series[0].values.tolist()) == ("scalar", [2.0])
    assert (text.kind, text.text) == ("string", "x")


def test_a_range_vector_keeps_its_own_times() -> None:
    answer = _engine().instant('m_total{i="0"}[2m]', 150_000)
    assert answer.kind == "matrix"
    assert answer.series[0].times.tolist() == [60_000, 120_000]


def test_a_subquery_loses_the_names_that_are_to_go() -> None:
    answer = _engine().instant('rate(m_total{i="0"}[2m])[2m:1m]', 240_000)
    assert [series.labels for series in answer.series] == [(("i", "0"),)]
    assert answer.series[0].times.tolist() == [180_000, 240_000]
    with pytest.raises(PromqlError):
        _engine().instant("label_replace(rate(m_total[2m]), 'i', '', '', '')[2m:1m]", 240_000)


def test_a_range_holds_only_steps_with_a_sample() -> None:
    answer = _engine().range('m_total{i="0"} > 1', 0, 180_000, 60_000)
    assert answer.kind == "matrix"
    assert answer.series[0].times.tolist() == [120_000, 180_000]
    assert answer.series[0].values.tolist() == [2.0, 3.0]


def test_a_range_is_in_the_order_of_labels() -> None:
    answer = _engine().range("sort_desc(m_total)", 60_000, 120_000, 60_000)
    assert [dict(series.labels)["i"] for series in answer.series] == ["0", "1", "2"]


def test_what_was_odd_is_told() -> None:
    answer = _engine().instant("quantile(2, m_total)", 0)
    assert answer.warnings == [
        "PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"
    ]
    assert answer.infos == []


def test_a_range_may_have_so_many_points() -> None:
    engine = _engine()
    assert len(engine.range("1", 0, 10_999_000, 1000).series[0].times) == 11_000
    with pytest.raises(TooManyPoints) as raised:
        engine.range("1", 0, 11_000_000, 1000)
    assert str(raised.value) == (
        "exceeded maximum resolution of 11,000 points per timeseries. "
        "Try decreasing the query resolution (?step=XX)"
    )
    assert raised.value.kind == "bad_data"


@pytest.mark.parametrize("query", ["m_total[10m]", "rate(m_total[10m])", "m_total", "m_total + 1"])
def test_samples_are_limited(query: str) -> None:
    with pytest.raises(TooManySamples) as raised:
        _engine(Limits(max_samples=2)).instant(query, 540_000)
    assert str(raised.value) == (
        "query processing would load too many samples into memory in query execution"
    )
    assert raised.value.kind == "execution"


@pytest.mark.parametrize("step", [0, -1])
def test_steps_go_forward(step: int) -> None:
    with pytest.raises(ParseFailure):
        _engine().range("m_total", 0, 10, step)


def test_a_range_of_no_range_type() -> None:
    with pytest.raises(ParseFailure) as raised:
        _engine().range("m_total[1m]", 0, 10, 1)
    assert str(raised.value) == (
        'invalid expression type "range vector" for range query, must be Scalar or instant Vector'
    )


def test_time_runs_out_between_parts() -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise QueryTimeout("query timed out in expression evaluation")

    with pytest.raises(QueryTimeout):
        _engine(Limits(check=check)).instant("m_total + m_total + m_total", 0)
    assert asked == 3


def test_time_runs_out_inside_a_part() -> None:
    source = MemorySource()
    for number in range(300):
        source.add((("__name__", "m_total"), ("i", str(number))), [(0, 0.0), (1000, 1.0)])
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1

    Engine(source, Limits(check=check)).range("rate(m_total[1m])", 0, 10_000_000, 1000)
    assert asked > 3


def test_the_lookback_is_a_choice() -> None:
    assert len(_engine(Limits(lookback_ms=1000)).instant("m_total", 541_000).series) == 0
    assert len(_engine(Limits(lookback_ms=1001)).instant("m_total", 541_000).series) == 3


def test_subqueries_have_a_step_of_their_own() -> None:
    engine = _engine(Limits(subquery_step_ms=30_000))
    answer = engine.instant('count_over_time(m_total{i="0"}[2m:])', 240_000)
    assert answer.series[0].values.tolist() == [4.0]


def test_an_unknown_regular_expression_is_bad_data() -> None:
    with pytest.raises(ParseFailure):
        _engine().instant('m_total{i=~"("}', 0)


def test_a_failure_is_an_execution_error() -> None:
    with pytest.raises(PromqlError) as raised:
        _engine().instant("m_total + on() m_total", 0)
    assert raised.value.kind == "execution"


def test_nan_is_a_value_and_a_stale_marker_is_none() -> None:
    source = MemorySource()
    source.add((("__name__", "n"),), [(0, np.nan), (1000, STALE)])
    engine = Engine(source)
    assert np.isnan(engine.instant("n", 0).series[0].values[0])
    assert len(engine.instant("n", 1000).series) == 0


def test_no_series_at_all() -> None:
    engine = Engine(MemorySource())
    for query in (
        "a",
        "rate(a[5m])",
        "sum(a)",
        "a + b",
        "a or b",
        "topk(1, a)",
        "quantile(0.5, a)",
        "histogram_quantile(0.5, a)",
        "label_replace(a, 'x', '', '', '')",
        "count_values('x', a)",
        "stddev(a)",
        "limit_ratio(0.5, a)",
        "max_over_time(a[5m:1m])",
        "sort_by_label(a, 'x')",
        "quantile_over_time(0.5, a[5m])",
        "a and b",
        "-a",
        "avg by (x) (a)",
    ):
        assert engine.instant(query, 0).series == []
        assert engine.range(query, 0, 600_000, 60_000).series == []
