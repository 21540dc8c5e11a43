"""Spans and lists without gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.buckets import (
    MAX_DENSE_BUCKETS,
    Buckets,
    coarser,
    dense,
    levels_to_merge,
    read_buckets,
)
from query.promql.remote_write.proto.goldeneye.remote_write.v1.write_pb2 import BucketSpan

SPARSE = st.dictionaries(st.integers(-300, 300), st.integers(1, 9), max_size=20)


def _spans(*pairs: tuple[int, int]) -> list[BucketSpan]:
    return [BucketSpan(offset=offset, length=length) for offset, length in pairs]


def _buckets(counts: dict[int, int]) -> Buckets:
    indices = sorted(counts)
    return Buckets(
        np.array(indices, np.int64), np.array([counts[index] for index in indices], np.int64)
    )


def _counts(side: Buckets | None) -> dict[int, int]:
    assert side is not None
    return dict(zip(side.indices.tolist(), side.counts.tolist(), strict=True))


def test_spans_with_deltas_and_with_counts() -> None:
    spans = _spans((-2, 2), (3, 3))
    expected = {-2: 1, -1: 3, 3: 2, 5: 4}
    assert _counts(read_buckets(spans, [1, 2, -1, -2, 4], [])) == expected
    assert _counts(read_buckets(spans, [], [1.0, 3.0, 2.0, 0.0, 4.0])) == expected
    assert _counts(read_buckets([], [], [])) == {}


@pytest.mark.parametrize("count", [0.5, float("nan"), float("inf"), 2.0**63 + 2048])
def test_what_is_no_count_cannot_be_held(count: float) -> None:
    assert read_buckets(_spans((0, 2)), [], [1.0, count]) is None


@pytest.mark.parametrize(
    ("spans", "deltas", "said"),
    [
        ([(0, 2)], [1], "spans need 2 buckets, have 1 buckets"),
        ([(0, 1)], [], "spans need 1 buckets, have 0 buckets"),
        ([(0, 4_000_000_000)], [1], "spans need 4000000000 buckets"),
        ([(0, 1), (-1, 1)], [1, 0], "span number 2 with offset -1"),
        ([(0, 2)], [1, -2], "bucket number 2 has observation count of -1"),
        ([(-(2**31), 1)], [1], "an index is out of range"),
        ([(2**31 - 1, 1)], [1], "an index is out of range"),
    ],
)
def test_wrong_spans(spans: list[tuple[int, int]], deltas: list[int], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        read_buckets(_spans(*spans), deltas, [])


@given(SPARSE)
def test_dense_holds_what_sparse_does(counts: dict[int, int]) -> None:
    first, listed = dense(_buckets(counts))
    assert {first + place: count for place, count in enumerate(listed) if count} == counts


@given(SPARSE, st.integers(0, 12))
def test_coarser_buckets_hold_the_finer_ones(counts: dict[int, int], by: int) -> None:
    """Bucket i of a schema ends at 2^(i * 2^-schema)."""
    merged: dict[int, int] = {}
    for index, count in counts.items():
        over = -(-index // 2**by)
        merged[over] = merged.get(over, 0) + count
    first, listed = dense(coarser(_buckets(counts), by))
    assert {first + place: count for place, count in enumerate(listed) if count} == merged


def test_lists_never_become_long() -> None:
    near, far = _buckets({0: 1, 9: 1}), _buckets({-100_000: 1, 100_000: 1})
    assert levels_to_merge(8, [near, near]) == 0
    assert levels_to_merge(8, [near, far]) == 2
    assert len(dense(coarser(far, 2))[1]) <= MAX_DENSE_BUCKETS
    with pytest.raises(InvalidRequest, match="too far apart"):
        levels_to_merge(-4, [_buckets({0: 1, MAX_DENSE_BUCKETS: 1})])
