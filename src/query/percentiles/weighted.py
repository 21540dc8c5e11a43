"""Percentiles of values that stand for many: of buckets, and of spans that were sampled."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

# Of an exponential histogram of scale 5: the ratio of a bucket's bounds.
_GAMMA: Final = 2 ** (1 / 32)
# What a bucket stands for is so many times its lower bound: as far from either bound, relatively.
_MIDDLE: Final = 2 * _GAMMA / (_GAMMA + 1)
# (gamma - 1) / (gamma + 1) is 0.010830001; the rest is for the rounding of logarithms.
RELATIVE_ERROR: Final = 0.01084
# Beside the number of a value's bucket, since numbers of small values are negative.
SIGN_OFFSET: Final = 100_000


def duration_of(bucket: int) -> float:
    """Nanoseconds that a bucket of span_rollups stands for; 1 ns for that of 1 ns and less."""
    return 1.0 if bucket < 0 else 2.0 ** (bucket / 32) * _MIDDLE


def value_of(bucket: int) -> float:
    """What a bucket of values of either sign stands for: sign * (number + SIGN_OFFSET), or 0."""
    if bucket == 0:
        return 0.0
    return math.copysign(2.0 ** ((abs(bucket) - SIGN_OFFSET) / 32) * _MIDDLE, bucket)


def quantiles(weights: Mapping[float, float], asked: Sequence[float]) -> list[float | None]:
    """Of values that occur so many times each, as `quantile_cont` has it: between two neighbours
    in rank, it interpolates. None where there are no values."""
    values = sorted(weights)
    counted = list(accumulate(weights[value] for value in values))
    if not counted or counted[-1] <= 0:
        return [None] * len(asked)
    return [_quantile(values, counted, max(0.0, q * (counted[-1] - 1))) for q in asked]


def _quantile(values: Sequence[float], counted: Sequence[float], position: float) -> float:
    below = math.floor(position)
    low, high = (
        values[min(bisect_right(counted, rank), len(values) - 1)] for rank in (below, below + 1)
    )
    share = position - below
    return low if share == 0 else low + (high - low) * share
