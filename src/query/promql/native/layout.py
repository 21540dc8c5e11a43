"""Puts native histograms on a common ground: schema, zero bucket, custom bounds."""

from dataclasses import replace

from query.promql.native.histogram import Buckets, Histogram, exponential_bound


class IncompatibleSchemas(Exception):
    """One histogram has exponential buckets and the other bounds of its own."""


def coarser(histogram: Histogram, schema: int) -> Histogram:
    """The same histogram at a lower schema."""
    steps = histogram.schema - schema
    if steps <= 0 or histogram.is_custom:
        return histogram
    return replace(
        histogram,
        schema=schema,
        positive=_folded(histogram.positive, steps),
        negative=_folded(histogram.negative, steps),
    )


def _folded(buckets: Buckets, steps: int) -> Buckets:
    found: Buckets = {}
    for index, count in buckets.items():
        target = ((index - 1) >> steps) + 1
        found[target] = found.get(target, 0.0) + count
    return found


def _wider_zero(histogram: Histogram, threshold: float) -> Histogram:
    """The zero bucket grown to at least this threshold, and to the end of the bucket it is in."""
    while True:
        reached = _swallowed(histogram, threshold)
        if reached == threshold:
            break
        threshold = reached
    inside = {
        side: {index for index in buckets if _lower(index, histogram.schema) < threshold}
        for side, buckets in (("+", histogram.positive), ("-", histogram.negative))
    }
    count = histogram.zero_count
    count += sum(histogram.positive[index] for index in inside["+"])
    count += sum(histogram.negative[index] for index in inside["-"])
    return replace(
        histogram,
        zero_threshold=threshold,
        zero_count=count,
        positive={i: n for i, n in histogram.positive.items() if i not in inside["+"]},
        negative={i: n for i, n in histogram.negative.items() if i not in inside["-"]},
    )


def _lower(index: int, schema: int) -> float:
    return exponential_bound(index - 1, schema)


def _swallowed(histogram: Histogram, threshold: float) -> float:
    for buckets in (histogram.positive, histogram.negative):
        for index, count in buckets.items():
            upper = exponential_bound(index, histogram.schema)
            if count and _lower(index, histogram.schema) < threshold < upper:
                return upper
    return threshold


def same_zero(left: Histogram, right: Histogram) -> tuple[Histogram, Histogram]:
    """Both with the same zero threshold."""
    while left.zero_threshold != right.zero_threshold:
        if left.zero_threshold > right.zero_threshold:
            right = _wider_zero(right, left.zero_threshold)
        else:
            left = _wider_zero(left, right.zero_threshold)
    return left, right


def rebound(histogram: Histogram, bounds: tuple[float, ...]) -> Histogram:
    """A histogram of own bounds on fewer of them."""
    found: Buckets = {}
    for index, count in histogram.positive.items():
        upper = histogram.bounds(index)[1]
        target = next((i for i, bound in enumerate(bounds) if bound >= upper), len(bounds))
        found[target] = found.get(target, 0.0) + count
    return replace(histogram, positive=found, custom_bounds=bounds)


def aligned(left: Histogram, right: Histogram) -> tuple[Histogram, Histogram, bool]:
    """Both on the same layout, and whether own bounds had to be given up for that.

    Raises IncompatibleSchemas.
    """
    if left.is_custom != right.is_custom:
        raise IncompatibleSchemas
    if left.is_custom:
        if left.custom_bounds == right.custom_bounds:
            return left, right, False
        shared = tuple(sorted({*left.custom_bounds} & {*right.custom_bounds}))
        return rebound(left, shared), rebound(right, shared), True
    schema = min(left.schema, right.schema)
    left, right = coarser(left, schema), coarser(right, schema)
    return *same_zero(left, right), False
