"""`</` and `>/`: a native histogram without its observations beyond a value."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from query.promql.native.histogram import Bucket, Buckets, Histogram

Kept = tuple[float, float]
"""How many observations of a bucket stay, and the value they are taken to have."""


@dataclass(frozen=True, slots=True)
class Trim:
    """Keep what lies below `edge`, or else what lies above it."""

    edge: float
    below: bool

    def keeps_all(self, lower: float, upper: float) -> bool:
        """Whether a whole bucket stays."""
        return upper <= self.edge if self.below else lower >= self.edge

    def keeps_none(self, lower: float, upper: float) -> bool:
        """Whether a whole bucket goes."""
        return lower >= self.edge if self.below else upper <= self.edge

    def part(self, lower: float, upper: float) -> tuple[float, float]:
        """What of a bucket's range stays."""
        return (lower, self.edge) if self.below else (self.edge, upper)


def _middle(lower: float, upper: float, linear: bool, negative: bool) -> float:
    """The value that observations between two bounds are taken to have."""
    if math.isinf(lower):
        if math.isinf(upper):
            return 0.0
        return upper / 2 if upper > 0 else upper
    if math.isinf(upper):
        return lower
    if linear:
        return (lower + upper) / 2
    middle = math.sqrt(abs(lower * upper))
    return -middle if negative else middle


def _endless(bucket: Bucket, trim: Trim) -> Kept:
    """A bucket without end holds nobody knows what: it stays or goes as a whole.

    But the first bucket of own bounds that reaches above 0 is taken to start there.
    """
    edge, upper = trim.edge, bucket.upper
    if math.isinf(bucket.lower):
        if edge >= 0 and 0 < upper < math.inf and (edge > 0 or not trim.below):
            share = edge / upper if trim.below else 1 - edge / upper
            return bucket.count * share, sum(trim.part(0.0, upper)) / 2
        return (bucket.count, edge) if trim.below and upper <= 0 else (0.0, 0.0)
    return (0.0, 0.0) if trim.below else (bucket.count, edge)


def _share_below(bucket: Bucket, edge: float, linear: bool) -> float:
    if linear:
        return (edge - bucket.lower) / (bucket.upper - bucket.lower)
    low, high, at = (math.log2(abs(value)) for value in (bucket.lower, bucket.upper, edge))
    return (at - low) / (high - low) if edge > 0 else 1 - (at - high) / (low - high)


def _kept(bucket: Bucket, trim: Trim, linear: bool, negative: bool) -> Kept:
    lower, upper = bucket.lower, bucket.upper
    if trim.keeps_all(lower, upper):
        return bucket.count, _middle(lower, upper, linear, negative)
    if trim.keeps_none(lower, upper):
        return 0.0, 0.0
    if math.isinf(lower) or math.isinf(upper):
        return _endless(bucket, trim)
    share = _share_below(bucket, trim.edge, linear)
    middle = _middle(*trim.part(lower, upper), linear, negative)
    return bucket.count * (share if trim.below else 1 - share), middle


def _kept_zero(histogram: Histogram, trim: Trim) -> Kept:
    """The zero bucket reaches only to the side on which there are others."""
    lower, upper = -histogram.zero_threshold, histogram.zero_threshold
    positive, negative = any(histogram.positive.values()), any(histogram.negative.values())
    if negative and not positive:
        upper = 0.0
    elif positive and not negative:
        lower = 0.0
    count = histogram.zero_count
    # An edge at both ends of an empty range keeps nothing.
    if trim.keeps_none(lower, upper):
        return 0.0, 0.0
    if trim.keeps_all(lower, upper):
        return count, (lower + upper) / 2
    first, last = trim.part(lower, upper)
    return count * (last - first) / (upper - lower), (first + last) / 2


class _Totals:
    def __init__(self) -> None:
        self.count = self.sum = 0.0
        self.changed = False

    def take(self, before: float, kept: Kept) -> float:
        self.count += kept[0]
        self.sum += kept[0] * kept[1]
        self.changed |= kept[0] != before
        return kept[0]


def trimmed(histogram: Histogram, edge: float, below: bool) -> Histogram:
    """The histogram with only the observations below, or above, an edge.

    Where any went, the count is that of the buckets and the sum is estimated from them.
    """
    trim, totals = Trim(edge, below), _Totals()

    def side(buckets: Buckets, bucket_at: Callable[[int], Bucket], negative: bool) -> Buckets:
        found = {}
        for index, count in buckets.items():
            if count:
                kept = _kept(bucket_at(index), trim, histogram.is_custom, negative)
                found[index] = totals.take(count, kept)
        return found

    positive = side(histogram.positive, histogram.positive_bucket, negative=False)
    negative = side(histogram.negative, histogram.negative_bucket, negative=True)
    zero = histogram.zero_count
    if zero > 0:
        zero = totals.take(zero, _kept_zero(histogram, trim))
    if not totals.changed:
        return histogram
    return replace(
        histogram,
        positive=positive,
        negative=negative,
        zero_count=zero,
        count=totals.count,
        sum=totals.sum,
    )
