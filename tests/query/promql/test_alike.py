"""Series with the same times are answered together, to the bit as each alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.promql.alike import alike
from query.promql.engine import Engine
from query.promql.labels import from_mapping
from query.promql.memory import MemorySource
from query.promql.samples import STALE, Ragged

TIMES = st.lists(st.integers(-100, 2_000), unique=True, max_size=30).map(sorted)
VALUES = st.one_of(
    st.integers(-2, 50).map(float),
    st.floats(0, 1e6),
    st.sampled_from([math.nan, STALE, math.inf, -0.0]),
)
COUNTS = st.lists(st.floats(0, 100), min_size=30, max_size=30).map(lambda steps: np.cumsum(steps))
SERIES = st.lists(
    st.one_of(COUNTS.map(lambda counts: counts.tolist()), st.lists(VALUES, min_size=30)),
    min_size=9,
    max_size=14,
)


def _rows(times: list[list[int]], values: list[list[float]], query: str) -> list[bytes]:
    """The answer's times and values of each series, as bits."""
    source = MemorySource()
    for number, (own, series) in enumerate(zip(times, values, strict=True)):
        labels = from_mapping({"__name__": "x_total", "n": f"{number:02}"})
        source.add(labels, zip(own, series, strict=False))
    answer = Engine(source).range(query, 0, 2_000, 130)
    return [one.times.tobytes() + one.values.tobytes() for one in answer.series]


@pytest.mark.parametrize("function", ["rate", "increase", "delta"])
@given(times=TIMES, other=TIMES, series=SERIES)
@settings(max_examples=10, deadline=None)
def test_each_is_as_alone(
    function: str, times: list[int], other: list[int], series: list[list[float]]
) -> None:
    query = f"{function}(x_total[700ms])"
    own = [other if number % 5 == 3 else times for number in range(len(series))]
    alone = [
        row
        for times_of_one, values in zip(own, series, strict=True)
        for row in _rows([times_of_one], [values], query)
    ]
    assert _rows(own, series, query) == alone


def test_groups_are_of_equal_times() -> None:
    even, odd = np.arange(0, 50, 5), np.arange(0, 50, 5)
    # Of the same length, first, middle and last.
    odd[2] += 1
    series = [even, odd] * 9 + [np.arange(3)] * 3 + [np.empty(0, np.int64)] * 20
    offsets = np.concatenate(([0], np.cumsum([len(one) for one in series])))
    times = np.concatenate(series).astype(np.int64)
    groups, left = alike(Ragged(offsets, times, times.astype(np.float64)))
    assert [rows.tolist() for rows in groups] == [list(range(0, 18, 2))]
    assert left.tolist() == [*range(1, 18, 2), *range(18, len(series))]
