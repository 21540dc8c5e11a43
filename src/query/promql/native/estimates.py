"""Quantiles, fractions and spreads of a native histogram."""

import math
from collections.abc import Sequence

from query.promql.native.histogram import Bucket, Histogram


def _one_sided(histogram: Histogram, bucket: Bucket) -> tuple[float, float]:
    """The bounds of a bucket around zero, which end at zero where the other side is empty."""
    lower, upper = bucket.lower, bucket.upper
    if lower <= 0 <= upper:
        above, below = any(histogram.positive.values()), any(histogram.negative.values())
        if above and not below:
            lower = 0.0
        elif below and not above:
            upper = 0.0
    return lower, upper


def _reached(buckets: Sequence[Bucket], rank: float) -> tuple[Bucket | None, float]:
    """The bucket in which the count reaches a rank, and the count up to and with it."""
    count, last = 0.0, None
    for bucket in buckets:
        if bucket.count:
            count, last = count + bucket.count, bucket
            if count >= rank:
                break
    return last, count


def quantile(histogram: Histogram, wanted: float) -> float:
    """The value below which that share of the observations lies."""
    if wanted < 0:
        return -math.inf
    if wanted > 1:
        return math.inf
    if histogram.count == 0 or math.isnan(wanted):
        return math.nan
    buckets = list(histogram.buckets())
    forward = math.isnan(histogram.sum) or wanted < 0.5
    rank = (wanted if forward else 1.0 - wanted) * histogram.count
    bucket, count = _reached(buckets if forward else buckets[::-1], rank)
    if bucket is None:
        return math.nan
    return _inside(histogram, bucket, min(count, histogram.count), rank, forward)


def _inside(
    histogram: Histogram, bucket: Bucket, count: float, rank: float, forward: bool
) -> float:
    lower, upper = _one_sided(histogram, bucket)
    if histogram.is_custom:
        if math.isinf(bucket.lower) and bucket.upper <= 0:
            return bucket.upper
        if math.isinf(upper):
            return lower
    if count < rank:
        return math.nan if math.isnan(histogram.sum) else upper
    share = (rank - (count - bucket.count) if forward else count - rank) / bucket.count
    if histogram.is_custom or lower <= 0 <= upper:
        return lower + (upper - lower) * share
    low, high = math.log2(abs(lower)), math.log2(abs(upper))
    if lower > 0:
        return float(2 ** (low + (high - low) * share))
    return float(-(2 ** (high + (low - high) * (1 - share))))


def _rank(histogram: Histogram, edge: float) -> float:
    """How many observations lie below an edge."""
    rank = 0.0
    for bucket in histogram.buckets():
        lower, upper = _one_sided(histogram, bucket)
        if lower >= edge:
            return rank
        if upper > edge:
            return min(_part(histogram, bucket, (lower, upper), edge, rank), histogram.count)
        rank += bucket.count
    # Observations of NaN are in no bucket, and below no edge.
    return rank if math.isnan(histogram.sum) else histogram.count


def _part(
    histogram: Histogram, bucket: Bucket, bounds: tuple[float, float], edge: float, rank: float
) -> float:
    lower, upper = bounds
    if math.isinf(lower):
        return bucket.count
    if histogram.is_custom or bucket.lower <= 0 <= bucket.upper:
        return rank + bucket.count * (edge - lower) / (upper - lower)
    low, high, at = (math.log2(abs(value)) for value in (lower, upper, edge))
    share = (at - low) / (high - low) if edge > 0 else 1 - (at - high) / (low - high)
    return rank + bucket.count * share


def fraction(histogram: Histogram, lower: float, upper: float) -> float:
    """The share of observations between two values."""
    if histogram.count == 0 or math.isnan(lower) or math.isnan(upper):
        return math.nan
    if lower >= upper:
        return 0.0
    return (_rank(histogram, upper) - _rank(histogram, lower)) / histogram.count


def variance(histogram: Histogram) -> float:
    """The variance, each observation taken to lie in the middle of its bucket."""
    if histogram.count == 0:
        return math.nan
    mean = histogram.sum / histogram.count
    terms = [
        bucket.count * (_middle(histogram, bucket) - mean) ** 2
        for bucket in histogram.buckets()
        if bucket.count
    ]
    if not all(map(math.isfinite, terms)):
        return sum(terms) / histogram.count
    return math.fsum(terms) / histogram.count


def _middle(histogram: Histogram, bucket: Bucket) -> float:
    if histogram.is_custom:
        return (bucket.upper + bucket.lower) / 2.0
    if bucket.lower <= 0 <= bucket.upper:
        return 0.0
    middle = math.sqrt(bucket.upper * bucket.lower)
    return -middle if bucket.upper < 0 else middle
