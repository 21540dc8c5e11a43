"""Sums, differences and multiples of native histograms."""

from dataclasses import replace

from query.promql.native.histogram import Buckets, Histogram


def _joined(left: Buckets, right: Buckets, factor: float) -> Buckets:
    return {
        index: left.get(index, 0.0) + factor * right.get(index, 0.0)
        for index in sorted({*left, *right})
    }


def add(left: Histogram, right: Histogram, factor: float = 1.0) -> Histogram:
    """The left histogram and `factor` times the right one."""
    return replace(
        left,
        count=left.count + factor * right.count,
        sum=left.sum + factor * right.sum,
        zero_count=left.zero_count + factor * right.zero_count,
        positive=_joined(left.positive, right.positive, factor),
        negative=_joined(left.negative, right.negative, factor),
    )


def subtract(left: Histogram, right: Histogram) -> Histogram:
    """What the left histogram has more than the right one."""
    return add(left, right, -1.0)
