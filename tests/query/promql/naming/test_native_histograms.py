"""Exponential histograms as native ones, beside a slow and obvious way."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.errors import InvalidRequest
from query.promql.naming.native_histograms import (
    DenseSide,
    NativeHistograms,
    SparseSide,
    native_histograms,
)

Point = tuple[int, int, list[int]]  # scale, offset, counts
POINTS = st.lists(
    st.tuples(
        st.integers(-4, 20),
        st.integers(-(2**31), 2**31 - 20) | st.integers(-9, 9),
        st.lists(st.integers(0, 3), max_size=12),
    ),
    max_size=6,
)


def _side(points: list[Point]) -> DenseSide:
    return DenseSide(
        offsets=np.array([offset for _, offset, _ in points], dtype=np.int64),
        lengths=np.array([len(counts) for _, _, counts in points], dtype=np.int64),
        counts=np.array([count for _, _, counts in points for count in counts], dtype=np.uint64),
    )


def _native(points: list[Point], threshold: float = 0.0) -> NativeHistograms:
    scales = np.array([scale for scale, _, _ in points], dtype=np.int64)
    thresholds = np.full(len(points), threshold)
    empty = _side([(scale, 0, []) for scale, _, _ in points])
    return native_histograms(scales, thresholds, _side(points), empty)


def _buckets(side: SparseSide, point: int) -> dict[int, float]:
    place = slice(side.starts[point], side.starts[point + 1])
    return dict(zip(side.indices[place].tolist(), side.counts[place].tolist(), strict=True))


@pytest.mark.parametrize(
    ("point", "schema", "expected"),
    [
        ((1, 1, [1, 1]), 1, {2: 1, 3: 1}),
        ((0, 0, [4, 0, 2]), 0, {1: 4, 3: 2}),
        ((9, 0, [4, 2, 3, 1]), 8, {1: 6, 2: 4}),
        ((10, -5, [1] * 8), 8, {-1: 1, 0: 4, 1: 3}),
        ((-4, -1, [7]), -4, {0: 7}),
        ((20, 0, [0, 0]), 8, {}),
        ((3, 5, []), 3, {}),
    ],
)
def test_buckets(point: Point, schema: int, expected: dict[int, float]) -> None:
    native = _native([point])
    assert native.schemas.tolist() == [schema]
    assert _buckets(native.positive, 0) == expected


@given(POINTS)
def test_many_points_are_what_each_is_by_itself(points: list[Point]) -> None:
    native = _native(points)
    assert len(native.positive.starts) == len(points) + 1
    for number, (scale, offset, counts) in enumerate(points):
        slow: Counter[int] = Counter()
        for place, count in enumerate(counts):
            slow[(offset + place) // 2 ** max(scale - 8, 0) + 1] += count
        expected = {index: count for index, count in sorted(slow.items()) if count}
        assert _buckets(native.positive, number) == expected
        assert list(_buckets(native.positive, number)) == list(expected)


@given(st.integers(-4, 12), st.integers(-20, 20))
def test_a_value_stays_within_its_bucket(scale: int, index: int) -> None:
    native = _native([(scale, index, [1])])
    ((bucket, _),) = _buckets(native.positive, 0).items()
    base = 2.0 ** -int(native.schemas[0])
    middle = (index + 0.5) * 2.0**-scale
    assert (bucket - 1) * base < middle <= bucket * base


def test_both_sides_are_turned() -> None:
    positive, negative = _side([(9, 0, [1, 2])]), _side([(9, 2, [5])])
    native = native_histograms(np.array([9]), np.zeros(1), positive, negative)
    assert _buckets(native.positive, 0) == {1: 3}
    assert _buckets(native.negative, 0) == {2: 5}


@pytest.mark.parametrize(("said", "kept"), [(0.0, 1e-128), (math.nan, 1e-128), (0.25, 0.25)])
def test_zero_thresholds(said: float, kept: float) -> None:
    assert _native([(0, 0, [1])], said).zero_thresholds.tolist() == [kept]


def test_too_coarse_a_scale_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="Scale must be >= -4, was -5"):
        _native([(0, 0, [1]), (-5, 0, [1])])
