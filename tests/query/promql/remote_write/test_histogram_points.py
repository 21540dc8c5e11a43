"""Native histograms as OTLP points."""

import math
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
)

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.histogram_points import fill_custom, fill_exponential, is_custom
from query.promql.remote_write.proto.goldeneye.remote_write.v1.write_pb2 import (
    BucketSpan,
    Histogram,
)

SPANS = [BucketSpan(offset=1, length=2)]
WHOLE: dict[str, Any] = {
    "count_int": 6,
    "sum": 9.5,
    "schema": 3,
    "zero_threshold": 0.001,
    "zero_count_int": 1,
    "positive_spans": SPANS,
    "positive_deltas": [1, 1],
    "negative_spans": [BucketSpan(offset=-3, length=1)],
    "negative_deltas": [2],
}
CUSTOM: dict[str, Any] = {
    "count_int": 5,
    "sum": 1.0,
    "schema": -53,
    "custom_values": [0.5, 1.0],
    "positive_spans": SPANS,
    "positive_deltas": [2, 1],
}


def _exponential(**changes: Any) -> ExponentialHistogramDataPoint | None:
    point = ExponentialHistogramDataPoint()
    return point if fill_exponential(point, Histogram(**(WHOLE | changes))) else None


def _custom(**changes: Any) -> HistogramDataPoint | None:
    point = HistogramDataPoint()
    return point if fill_custom(point, Histogram(**(CUSTOM | changes))) else None


def test_exponential() -> None:
    point = _exponential()
    assert point is not None
    assert (point.scale, point.count, point.sum) == (3, 6, 9.5)
    assert (point.zero_count, point.zero_threshold) == (1, 0.001)
    assert (point.positive.offset, list(point.positive.bucket_counts)) == (0, [1, 2])
    assert (point.negative.offset, list(point.negative.bucket_counts)) == (-4, [2])


def test_float_histograms_of_whole_counts_are_the_same() -> None:
    floats = {
        "count_float": 6.0,
        "zero_count_float": 1.0,
        "positive_deltas": [],
        "positive_counts": [1.0, 2.0],
        "negative_deltas": [],
        "negative_counts": [2.0],
    }
    assert _exponential(**floats) == _exponential()


@pytest.mark.parametrize(
    "changes",
    [
        {"count_float": 6.5},
        {"zero_count_float": 0.5},
        {"positive_counts": [1.0, 0.25], "positive_deltas": []},
        {"negative_counts": [0.25], "negative_deltas": []},
        {"count_float": math.nan},
        {"count_float": 2.0**65},
    ],
)
def test_parts_of_counts_cannot_be_held(changes: dict[str, Any]) -> None:
    assert _exponential(**changes) is None


def test_custom_buckets() -> None:
    point = _custom()
    assert point is not None
    assert list(point.explicit_bounds) == [0.5, 1.0]
    assert list(point.bucket_counts) == [0, 2, 3]
    assert (point.count, point.sum) == (5, 1.0)
    assert is_custom(Histogram(**CUSTOM))
    assert not is_custom(Histogram(**WHOLE))
    assert _custom(positive_counts=[0.5, 4.5], positive_deltas=[]) is None


def test_far_apart_buckets_are_merged() -> None:
    spans = [BucketSpan(offset=-99_999, length=1), BucketSpan(offset=199_998, length=1)]
    point = _exponential(positive_spans=spans, positive_deltas=[1, 1], schema=8)
    assert point is not None
    assert point.scale == 6
    assert sum(point.positive.bucket_counts) == 3
    assert (point.negative.offset, list(point.negative.bucket_counts)) == (-1, [2])


def test_an_observed_nan_is_in_no_bucket() -> None:
    point = _exponential(count_int=9, sum=math.nan)
    assert point is not None
    assert point.count == 9


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": 9}, "invalid schema: 9"),
        ({"schema": -5}, "invalid schema: -5"),
        ({"count_int": 7}, "6 observations found in buckets, but the Count field is 7"),
        ({"count_int": 5, "sum": math.nan}, "6 observations found .* is 5"),
        ({"count_float": -1.0}, "observation count is -1.0"),
        ({"positive_deltas": [1]}, "spans need 2 buckets"),
    ],
)
def test_wrong_exponential(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        _exponential(**changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"custom_values": [0.5]}, "only 1 custom bounds"),
        ({"positive_spans": [BucketSpan(offset=-1, length=2)]}, "only 2 custom bounds"),
        ({"custom_values": [1.0, 0.5]}, "custom bound 0.5 after 1.0"),
        ({"custom_values": [0.5, math.inf]}, "custom bound inf"),
        ({"custom_values": [math.nan, 1.0]}, "custom bound nan"),
        ({"custom_values": range(65_537)}, "more than 65536 custom bounds"),
        ({"zero_count_int": 1}, "negative or zero buckets"),
        ({"negative_deltas": [1]}, "negative or zero buckets"),
        ({"count_int": 4}, "5 observations found"),
    ],
)
def test_wrong_custom_buckets(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        _custom(**changes)
