"""Whether a counter histogram started anew between two samples."""

from query.promql.native.histogram import Buckets, Histogram, ResetHint
from query.promql.native.layout import aligned, coarser, same_zero


def was_reset(before: Histogram, after: Histogram) -> bool:
    """By the hint where there is one, else by any count that fell."""
    if after.hint is ResetHint.RESET:
        return True
    if after.hint is ResetHint.NOT_RESET:
        return False
    return fell(before, after)


def fell(before: Histogram, after: Histogram) -> bool:
    """Whether any count fell, or the layout changed as no counter's does."""
    if after.count < before.count or before.is_custom != after.is_custom:
        return True
    if after.is_custom:
        before, after, _ = aligned(before, after)
        return _fell(before.positive, after.positive)
    if after.schema > before.schema or after.zero_threshold < before.zero_threshold:
        return True
    before = coarser(before, after.schema)
    wider, same = same_zero(before, after)
    if same.zero_threshold != after.zero_threshold or after.zero_count < wider.zero_count:
        return True
    return _fell(wider.positive, after.positive) or _fell(wider.negative, after.negative)


def _fell(before: Buckets, after: Buckets) -> bool:
    return any(after.get(index, 0.0) < count for index, count in before.items())
