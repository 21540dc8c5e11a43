"""Percentiles of values with weights: those of DuckDB's quantile_cont over as many values."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.percentiles.weighted import (
    RELATIVE_ERROR,
    SIGN_OFFSET,
    duration_of,
    quantiles,
    value_of,
)

QS = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)

Rows = Callable[[str, list[Any]], list[Any]]


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """What a statement with one parameter answers."""
    with duckdb.connect() as connection:
        yield lambda text, values: connection.execute(text, [values]).fetchall()


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(0, 1000), st.integers(1, 50), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_equal_to_quantile_cont_over_the_values_themselves(
    rows: Rows, weights: dict[int, int], q: float
) -> None:
    values = sorted(value for value, count in weights.items() for _ in range(count))
    position = q * (len(values) - 1)
    below, above = values[math.floor(position)], values[math.ceil(position)]
    expected = below + (above - below) * (position - math.floor(position))
    assert quantiles(weights, [q]) == [pytest.approx(expected, rel=1e-9, abs=1e-9)]
    counted = rows(f"SELECT quantile_cont(x, {q!r}::DOUBLE) FROM (SELECT unnest($1) AS x)", values)
    assert quantiles(weights, [q])[0] == pytest.approx(counted[0][0], rel=1e-9, abs=1e-9)


def test_of_nothing() -> None:
    assert quantiles({}, QS) == [None] * len(QS)


@settings(deadline=None)
@given(st.lists(st.integers(2, 10**18), min_size=1, max_size=60))
def test_buckets_of_durations_are_within_the_stated_error(rows: Rows, durations: list[int]) -> None:
    bucket = sql("goldeneye", "duration_bucket")
    text = f"SELECT {bucket} FROM (SELECT unnest($1::BIGINT[]) AS duration_ns)"
    numbers = rows(text, durations)
    _assert_near([float(one) for one in durations], [duration_of(number) for (number,) in numbers])


@settings(deadline=None)
@given(
    st.lists(
        st.floats(-1e300, 1e300).filter(lambda v: v == 0 or abs(v) > 1e-300),
        min_size=1,
        max_size=60,
    )
)
def test_buckets_of_values_of_either_sign_are_too(rows: Rows, values: list[float]) -> None:
    bucket = filled(sql("query.percentiles", "value_bucket"), {"sign_offset": str(SIGN_OFFSET)})
    numbers = rows(f"SELECT {bucket} FROM (SELECT unnest($1::DOUBLE[]) AS measured)", values)
    for value, (number,) in zip(values, numbers, strict=True):
        assert value_of(number) == pytest.approx(value, rel=RELATIVE_ERROR)


def _assert_near(exact: list[float], bucketed: list[float]) -> None:
    weights: dict[float, float] = {}
    for value in bucketed:
        weights[value] = weights.get(value, 0) + 1
    wanted = quantiles({value: float(exact.count(value)) for value in exact}, QS)
    for want, got in zip(wanted, quantiles(weights, QS), strict=True):
        assert got == pytest.approx(want, rel=RELATIVE_ERROR)


@pytest.mark.parametrize("fragment", ["adjusted_count", "duration_bucket"])
def test_spans_are_counted_as_the_rollups_count_them(fragment: str) -> None:
    """The same expression, but for white space."""
    rollups = " ".join(sql("goldeneye", "span_rollups").split())
    assert " ".join(sql("goldeneye", fragment).split()) in rollups
