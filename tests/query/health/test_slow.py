"""Percentiles of operations from lists of buckets, against those of one at a time."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.health.slow import slowest
from query.percentiles.weighted import duration_of, quantiles

_WEIGHTS = st.dictionaries(
    st.integers(-1, 2_000), st.sampled_from([1.0, 2.0, 3.0, 4.0, 1.5]), min_size=1, max_size=40
)


def _table(operations: dict[str, dict[int, float]]) -> pa.Table:
    rows = list(operations.items())
    return pa.table(
        {
            "service_name": ["shop"] * len(rows),
            "name": [name for name, _ in rows],
            "kind": ["server"] * len(rows),
            "span_count": pa.array([len(own) for _, own in rows], pa.int64()),
            "adjusted_count": [sum(own.values()) for _, own in rows],
            "adjusted_error_count": [0.5 * sum(own.values()) for _, own in rows],
            "buckets": pa.array([list(own) for _, own in rows], pa.list_(pa.int32())),
            "weights": pa.array([list(own.values()) for _, own in rows], pa.list_(pa.float64())),
        }
    )


@given(st.lists(_WEIGHTS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_as_the_percentiles_of_one_at_a_time(all_of: list[dict[int, float]], random: Any) -> None:
    operations = {}
    for number, weights in enumerate(all_of):
        shuffled = list(weights.items())
        random.shuffle(shuffled)
        operations[str(number)] = dict(shuffled)
    found = slowest(_table(operations), 10)
    assert {one["name"] for one in found} == set(operations)
    for one in found:
        values: dict[float, float] = {}
        for bucket, weight in operations[one["name"]].items():
            values[duration_of(bucket)] = values.get(duration_of(bucket), 0.0) + weight
        (expected,) = quantiles(values, [0.95])
        assert one["p95_ns"] == pytest.approx(expected, rel=1e-12)
        assert one["error_ratio"] == 0.5


def test_the_slowest_come_first_and_equal_ones_by_name() -> None:
    found = slowest(_table({"b": {300: 1.0}, "c": {900: 2.0}, "a": {300: 5.0}}), 2)
    assert [one["name"] for one in found] == ["c", "a"]
    assert found[0]["p95_ns"] == pytest.approx(np.exp2(900.5 / 32), rel=0.0002)
