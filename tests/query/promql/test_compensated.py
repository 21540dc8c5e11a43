"""Sums of windows, short and long, against exact ones."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.promql.compensated import LONG, add, flattened, means, one_by_one, totals


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    sizes=st.lists(st.integers(1, 3 * LONG), min_size=1, max_size=4),
    scale=st.sampled_from([1.0, 1e8, 1e300]),
)
def test_windows_of_any_length(seed: int, sizes: list[int], scale: float) -> None:
    random = np.random.default_rng(seed)
    values = random.standard_normal(max(sizes) + 10) * 10 ** random.uniform(-5, 5) * scale
    lows = np.array([random.integers(0, len(values) - size) for size in sizes])
    counts = np.array(sizes)
    for low, count, total, mean in zip(
        lows, counts, totals(values, lows, counts), means(values, lows, counts), strict=True
    ):
        window = values[low : low + count].tolist()
        size = math.fsum(map(abs, window))
        assert abs(total - math.fsum(window)) <= 1e-15 * size
        assert abs(mean - math.fsum(window) / count) <= 1e-15 * size


@pytest.mark.parametrize("size", [2, 100, 2 * LONG])
def test_a_mean_does_not_overflow(size: int) -> None:
    values = np.full(size, 1.5e308)
    window = np.array([0]), np.array([size])
    assert totals(values, *window)[0] == math.inf
    assert means(values, *window)[0] == pytest.approx(1.5e308, rel=1e-9)


@pytest.mark.parametrize("size", [3, 2 * LONG])
@pytest.mark.parametrize(
    ("odd", "total"),
    [([math.inf], math.inf), ([math.inf, -math.inf], math.nan), ([math.nan], math.nan)],
)
def test_what_is_not_finite_stays(size: int, odd: list[float], total: float) -> None:
    values = np.ones(size)
    values[1 : 1 + len(odd)] = odd
    window = np.array([0]), np.array([size])
    for found in (totals(values, *window)[0], means(values, *window)[0]):
        assert found == total or (math.isnan(found) and math.isnan(total))


def test_cancelling_values_leave_the_small_ones() -> None:
    values = np.array([1, 1e100, 1, -1e100])
    assert totals(values, np.array([0]), np.array([4])).tolist() == [2.0]


@given(st.lists(st.floats() | st.sampled_from([-0.0, 1.0, 1e16, -1e16, 1.7e308, math.inf])))
def test_numbers_one_by_one_are_summed_as_arrays(terms: list[float]) -> None:
    total, lost = np.zeros(1), np.zeros(1)
    with np.errstate(all="ignore"):
        for term in terms:
            total, lost = add(np.array([term]), total, lost)
    expected = np.concatenate((total, lost))
    assert np.array(one_by_one(terms)).tobytes() == expected.tobytes() or np.isnan(total).any()
    np.testing.assert_array_equal(one_by_one(terms), expected)


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=20), cells=st.integers(1, 100))
def test_flattened_windows_are_whole(sizes: list[int], cells: int) -> None:
    lows, counts = np.arange(len(sizes)) * 3, np.array(sizes)
    found: list[list[int]] = []
    for flat in flattened(lows, counts, cells):
        assert len(flat.index) <= cells or len(flat.counts) == 1
        found += [part.tolist() for part in np.split(flat.index, flat.starts[1:])]
    assert found == [list(range(low, low + size)) for low, size in zip(lows, sizes, strict=True)]
