"""Buckets turned round as a table are those that are put together one by one."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.prometheus.stored.blocks import Block
from query.prometheus.stored.classic import _buckets
from query.prometheus.stored.columns import stale_points
from query.prometheus.stored.cut import Cut, cut
from query.prometheus.stored.steady_buckets import Columns, steady
from query.promql.labels import Labels, from_mapping
from query.promql.samples import Bools
from query.promql.tree import Matcher, MatchKind

LABELS = {one: from_mapping({"__name__": "x_bucket", "zone": str(one)}) for one in range(5)}
ABOVE = Matcher("le", MatchKind.NOT_EQUAL, "2")
# A series, a time, and counts of three buckets.
POINTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 9), st.lists(st.integers(0, 2**63), min_size=3)),
    min_size=1,
    max_size=30,
    unique_by=lambda point: point[:2],
)


def _table(points: list[tuple[int, int, list[int]]], bounds: list[list[float]]) -> pa.Table:
    return pa.table(
        {
            "series_id": pa.array([one for one, _, _ in points], pa.uint64()),
            "time_ms": pa.array([time for _, time, _ in points], pa.int64()),
            "start_ms": pa.array([100 - time for _, time, _ in points], pa.int64()),
            "stale": pa.array([False] * len(points)),
            "count": pa.array([float(sum(c[:3])) for _, _, c in points], pa.float64()),
            "bucket_counts": pa.array([c[:3] for _, _, c in points], pa.list_(pa.uint64())),
            "explicit_bounds": pa.array(
                [bounds[one % len(bounds)] for one, _, _ in points], pa.list_(pa.float64())
            ),
        }
    )


def _series(block: Block) -> dict[Labels, tuple[list[int], list[float]]]:
    samples = block.samples
    assert len(set(block.labels)) == len(block.labels)
    return {
        labels: (
            samples.times[samples.offsets[row] : samples.offsets[row + 1]].tolist(),
            samples.values[samples.offsets[row] : samples.offsets[row + 1]].tolist(),
        )
        for row, labels in enumerate(block.labels)
    }


def _stale(found: pa.Table, parts: Cut) -> Bools:
    stale: Bools = stale_points(found)[parts.rows]
    return stale


@pytest.mark.parametrize("is_delta", [False, True])
@given(points=POINTS, matchers=st.sampled_from([[], [ABOVE]]))
@settings(max_examples=25, deadline=None)
def test_as_one_by_one(
    is_delta: bool, points: list[tuple[int, int, list[int]]], matchers: list[Matcher]
) -> None:
    found = _table(points, [[1.0, 2.0], [0.5, 7.0]])
    parts = cut(found)
    [own], others = steady(Columns.of(found), parts, _stale(found, parts))
    assert not len(others.ids)
    made = _buckets(found, parts).block(parts.ids.tolist(), LABELS, "le", matchers, is_delta)
    assert _series(own.block(LABELS, matchers, is_delta)) == _series(made)


BOUNDS = {
    "that change": [[1.0, 2.0], [1.0, 3.0]],
    "that fall": [[2.0, 1.0]],
    "without an end": [[1.0, float("inf")]],
    "too few": [[1.0]],
    "not as many": [[1.0, 2.0], [1.0]],
}


@pytest.mark.parametrize("name", BOUNDS)
def test_others_are_told_apart(name: str) -> None:
    bounds = BOUNDS[name]
    points = [(one, time, [1, 2, 3]) for one in (3, 1, 4) for time in range(3)]
    found = _table(points, [[1.0, 2.0]])
    lists = [[1.0, 2.0] if one != 1 else bounds[time % len(bounds)] for one, time, _ in points]
    place = found.column_names.index("explicit_bounds")
    found = found.set_column(place, "explicit_bounds", pa.array(lists, pa.list_(pa.float64())))
    parts = cut(found)
    [own], others = steady(Columns.of(found), parts, _stale(found, parts))
    assert own.parts.ids.tolist() == [3, 4]
    assert others.ids.tolist() == [1]
    assert [points[row][0] for row in others.rows.tolist()] == [1, 1, 1]


def test_series_that_end_are_no_table() -> None:
    found = _table([(one, 0, [1, 2, 3]) for one in (2, 1)], [[1.0, 2.0]])
    [own], others = steady(Columns.of(found), cut(found), np.array([False, True]))
    assert (own.parts.ids.tolist(), others.ids.tolist()) == ([2], [1])


def test_of_no_points_there_are_none() -> None:
    found = _table([], [[1.0, 2.0]])
    several, others = steady(Columns.of(found), cut(found), np.empty(0, dtype=np.bool_))
    assert (several, others.ids.tolist()) == ([], [])
