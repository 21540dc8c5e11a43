"""Percentiles of histograms: of classic buckets by interpolation, of exponential ones by scale."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from query.percentiles.weighted import quantiles


class Found(NamedTuple):
    """`relative_error` is the greatest of the values'; None where a value has no bound."""

    values: list[float | None]
    measured_count: int
    relative_error: float | None


def of_exponential(
    buckets: Mapping[tuple[int, int], float], scale: int, asked: Sequence[float]
) -> Found:
    """`buckets` are the counts by sign (-1, 0, 1) and index, of one scale."""
    weights: dict[float, float] = {}
    for (sign, index), count in buckets.items():
        if count > 0:
            value = sign * _middle(index, scale) if sign else 0.0
            weights[value] = weights.get(value, 0.0) + count
    inverse = _inverse_base(scale)
    error = (1 - inverse) / (1 + inverse)
    return Found(quantiles(weights, asked), round(sum(weights.values())), error)


def of_classic(buckets: Iterable[tuple[float, float, float]], asked: Sequence[float]) -> Found:
    """`buckets` are lower bound (exclusive), upper bound and count of each.

    As Prometheus's histogram_quantile: values lie evenly in their bucket, the lowest begins at 0,
    and of what is above the highest bound, that is all that is known.
    """
    filled = sorted(bucket for bucket in buckets if bucket[2] > 0)
    total = sum(count for _, _, count in filled)
    found = [_within(filled, q * total) for q in asked] if filled else [(None, None)] * len(asked)
    errors = [error for _, error in found]
    worst = None if None in errors else max((e for e in errors if e is not None), default=None)
    return Found([value for value, _ in found], round(total), worst)


def _within(
    filled: Sequence[tuple[float, float, float]], rank: float
) -> tuple[float | None, float | None]:
    """The value, and how far it may be from the true one, as a part of it."""
    counted = list(accumulate(count for _, _, count in filled))
    place = min(bisect_left(counted, rank), len(filled) - 1)
    lower, upper, count = filled[place]
    below = counted[place] - count
    if math.isinf(lower) and math.isinf(upper):
        return None, None
    if math.isinf(upper):
        return lower, None
    if math.isinf(lower):
        if upper <= 0:
            return upper, None
        lower = 0.0
    value = lower + (upper - lower) * max(0.0, rank - below) / count
    widest = max(value - lower, upper - value)
    return value, (widest / abs(value) if value else None)


def _middle(index: int, scale: int) -> float:
    """What a bucket stands for: as far from either of its bounds, relatively."""
    try:
        lower = float(2.0 ** (index * 2.0**-scale))
    except OverflowError:
        return math.inf
    return lower * 2 / (1 + _inverse_base(scale))


def _inverse_base(scale: int) -> float:
    return float(2.0 ** -(2.0**-scale))
