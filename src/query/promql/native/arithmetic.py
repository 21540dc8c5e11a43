"""Sums, differences and multiples of native histograms."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from query.promql.native.histogram import Buckets, Histogram, ResetHint
from query.promql.native.layout import aligned


@dataclass(frozen=True, slots=True)
class Combined:
    """A result, and what was odd: own bounds given up, hints that contradict."""

    histogram: Histogram
    rebound: bool = False
    contradicting: bool = False


def _joined(left: Buckets, right: Buckets, factor: float) -> Buckets:
    if left.keys() == right.keys():
        return {index: count + factor * right[index] for index, count in left.items()}
    joined = dict(left)
    for index, count in right.items():
        joined[index] = joined.get(index, 0.0) + factor * count
    return joined


def _hint(left: ResetHint, right: ResetHint) -> ResetHint:
    if left is right:
        return left
    return ResetHint.GAUGE if ResetHint.GAUGE in (left, right) else ResetHint.UNKNOWN


def combine(left: Histogram, right: Histogram, factor: float) -> Combined:
    """The left histogram and `factor` times the right one. Raises IncompatibleSchemas."""
    hints = {left.hint, right.hint}
    hint = _hint(left.hint, right.hint)
    left, right, given_up = aligned(left, right)
    total = Histogram(
        left.schema,
        left.count + factor * right.count,
        left.sum + factor * right.sum,
        left.zero_threshold,
        left.zero_count + factor * right.zero_count,
        _joined(left.positive, right.positive, factor),
        _joined(left.negative, right.negative, factor),
        left.custom_bounds,
        hint,
    )
    return Combined(total, given_up, hints == {ResetHint.RESET, ResetHint.NOT_RESET})


def add(left: Histogram, right: Histogram) -> Histogram:
    """Both together. Raises IncompatibleSchemas."""
    return combine(left, right, 1.0).histogram


def subtract(left: Histogram, right: Histogram) -> Histogram:
    """What the left histogram has more than the right one. Raises IncompatibleSchemas."""
    return combine(left, right, -1.0).histogram


def total(histograms: Sequence[Histogram]) -> Combined:
    """The sum of one histogram or more. Raises IncompatibleSchemas."""
    found = Combined(histograms[0])
    for histogram in histograms[1:]:
        step = combine(found.histogram, histogram, 1.0)
        found = Combined(
            step.histogram,
            found.rebound or step.rebound,
            found.contradicting or step.contradicting,
        )
    return found


def scaled(histogram: Histogram, factor: float) -> Histogram:
    """Everything times a factor; a negative one leaves no counter."""
    return _each(histogram, lambda count: count * factor, factor < 0)


def divided(histogram: Histogram, divisor: float) -> Histogram:
    """Everything divided; by zero the buckets are gone and the counts infinite or NaN."""
    if divisor == 0:
        emptied = replace(histogram, positive={}, negative={})
        return _each(emptied, lambda count: _by_zero(count, divisor), False)
    return _each(histogram, lambda count: count / divisor, divisor < 0)


def _by_zero(count: float, zero: float) -> float:
    if count == 0 or math.isnan(count):
        return math.nan
    return math.copysign(math.inf, count) * math.copysign(1.0, zero)


def _each(histogram: Histogram, change: Callable[[float], float], to_gauge: bool) -> Histogram:
    return Histogram(
        histogram.schema,
        change(histogram.count),
        change(histogram.sum),
        histogram.zero_threshold,
        change(histogram.zero_count),
        {index: change(count) for index, count in histogram.positive.items()},
        {index: change(count) for index, count in histogram.negative.items()},
        histogram.custom_bounds,
        ResetHint.GAUGE if to_gauge else histogram.hint,
    )
