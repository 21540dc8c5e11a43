"""When a value is as good as the expected one."""

import sys

from query.promql.native.histogram import Buckets, Histogram, ResetHint

_TOLERANCE = 1e-6
_TINY = sys.float_info.min


def same_number(expected: float, got: float) -> bool:
    """Equal but for a millionth; NaN equals NaN."""
    if expected == got or (expected != expected and got != got):
        return True
    apart, size = abs(expected - got), abs(expected) + abs(got)
    if expected == 0 or got == 0 or size < _TINY:
        return apart < _TOLERANCE * _TINY
    return apart / min(size, sys.float_info.max) < _TOLERANCE


def _same_buckets(expected: Buckets, got: Buckets) -> bool:
    return all(
        same_number(expected.get(index, 0.0), got.get(index, 0.0)) for index in {*expected, *got}
    )


def same_histogram(expected: Histogram, got: Histogram) -> bool:
    """Equal buckets, empty ones left out; a reset hint only counts where one is expected."""
    return (
        expected.schema == got.schema
        and expected.custom_bounds == got.custom_bounds
        and same_number(expected.count, got.count)
        and same_number(expected.sum, got.sum)
        and same_number(expected.zero_threshold, got.zero_threshold)
        and same_number(expected.zero_count, got.zero_count)
        and _same_buckets(expected.positive, got.positive)
        and _same_buckets(expected.negative, got.negative)
        and (expected.hint is ResetHint.UNKNOWN or expected.hint is got.hint)
    )


def same(expected: float | Histogram, got: float | Histogram) -> bool:
    """Whether a sample is as expected."""
    if isinstance(expected, Histogram):
        return isinstance(got, Histogram) and same_histogram(expected, got)
    return not isinstance(got, Histogram) and same_number(expected, got)
