"""A native histogram goes in by remote write and comes out of the naming as it was."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import ExponentialHistogramDataPoint

from query.promql.naming.native_histograms import DenseSide, SparseSide, native_histograms
from query.promql.remote_write.histogram_points import fill_exponential
from query.promql.remote_write.proto.goldeneye.remote_write.v1.write_pb2 import (
    BucketSpan,
    Histogram,
)

SIDES = st.dictionaries(st.integers(-200, 200), st.integers(1, 2**40), max_size=12)


def _spans(counts: dict[int, int]) -> tuple[list[BucketSpan], list[int]]:
    """A span for each bucket: any layout means the same."""
    spans, deltas, end, before = [], [], 0, 0
    for index, count in sorted(counts.items()):
        spans.append(BucketSpan(offset=index - end, length=1))
        deltas.append(count - before)
        end, before = index + 1, count
    return spans, deltas


def _dense(buckets: ExponentialHistogramDataPoint.Buckets) -> DenseSide:
    counts = np.array(buckets.bucket_counts, np.uint64)
    return DenseSide(np.array([buckets.offset]), np.array([len(counts)]), counts)


def _counts(side: SparseSide) -> dict[int, Any]:
    return dict(zip(side.indices.tolist(), side.counts.tolist(), strict=True))


@settings(deadline=None)
@given(st.integers(-4, 8), SIDES, SIDES, st.integers(0, 9))
def test_buckets_come_back(
    schema: int, positive: dict[int, int], negative: dict[int, int], zeros: int
) -> None:
    count = sum(positive.values()) + sum(negative.values()) + zeros
    sent = Histogram(schema=schema, count_int=count, zero_count_int=zeros, zero_threshold=0.5)
    for side, spans, deltas in (
        (positive, sent.positive_spans, sent.positive_deltas),
        (negative, sent.negative_spans, sent.negative_deltas),
    ):
        laid_out, values = _spans(side)
        spans.extend(laid_out)
        deltas.extend(values)
    point = ExponentialHistogramDataPoint()
    assert fill_exponential(point, sent)
    found = native_histograms(
        np.array([point.scale]),
        np.array([point.zero_threshold]),
        _dense(point.positive),
        _dense(point.negative),
    )
    assert found.schemas.tolist() == [schema]
    assert found.zero_thresholds.tolist() == [0.5]
    assert (_counts(found.positive), _counts(found.negative)) == (positive, negative)
    assert (point.count, point.zero_count) == (count, zeros)
