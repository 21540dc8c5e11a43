"""Native histograms as OTLP: exponential ones, and explicit ones for custom buckets."""

import math
from collections.abc import Sequence
from typing import Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
)

from goldeneye.errors import InvalidRequest
from query.promql.naming.native_histograms import MAX_SCHEMA, MIN_SCHEMA
from query.promql.remote_write.buckets import (
    MAX_DENSE_BUCKETS,
    Buckets,
    coarser,
    dense,
    levels_to_merge,
    read_buckets,
)
from query.promql.remote_write.series import WireHistogram

CUSTOM_BUCKETS: Final = -53
_MAX_COUNT: Final = 2**64 - 1


def is_custom(wire: WireHistogram) -> bool:
    return wire.schema == CUSTOM_BUCKETS


def fill_exponential(point: ExponentialHistogramDataPoint, wire: WireHistogram) -> bool:
    """False where it has parts of counts, which OTLP cannot hold. Raises InvalidRequest."""
    if not MIN_SCHEMA <= wire.schema <= MAX_SCHEMA:
        raise InvalidRequest(f"invalid schema: {wire.schema}")
    positive, negative = _positive(wire), _negative(wire)
    count, zero_count = _whole(_count(wire)), _whole(_zero_count(wire))
    if positive is None or negative is None or count is None or zero_count is None:
        return False
    _check_count(wire, count, [positive, negative], zero_count)
    levels = levels_to_merge(wire.schema, [positive, negative])
    point.scale = wire.schema - levels
    point.count, point.sum, point.zero_count = count, wire.sum, zero_count
    point.zero_threshold = wire.zero_threshold
    for buckets, side in ((point.positive, positive), (point.negative, negative)):
        first, counts = dense(coarser(side, levels))
        # The native bucket 1 is OTLP's bucket 0: both begin at 1.
        buckets.offset = first - 1 if counts else 0
        buckets.bucket_counts.extend(counts)
    return True


def fill_custom(point: HistogramDataPoint, wire: WireHistogram) -> bool:
    """As `fill_exponential`."""
    bounds = list(wire.custom_values)
    _check_bounds(bounds)
    if wire.negative_spans or wire.negative_deltas or wire.negative_counts or _zero_count(wire):
        raise InvalidRequest("histogram with custom buckets has negative or zero buckets")
    positive, count = _positive(wire), _whole(_count(wire))
    if positive is None or count is None:
        return False
    if len(positive.indices) and not 0 <= positive.indices[0] <= positive.indices[-1] <= len(
        bounds
    ):
        raise InvalidRequest(f"only {len(bounds)} custom bounds defined which is insufficient")
    _check_count(wire, count, [positive], 0)
    counts = [0] * (len(bounds) + 1)
    for index, one in zip(positive.indices.tolist(), positive.counts.tolist(), strict=True):
        counts[index] = one
    point.count, point.sum = count, wire.sum
    point.explicit_bounds.extend(bounds)
    point.bucket_counts.extend(counts)
    return True


def _check_bounds(bounds: Sequence[float]) -> None:
    if len(bounds) > MAX_DENSE_BUCKETS:
        raise InvalidRequest(f"the histogram has more than {MAX_DENSE_BUCKETS} custom bounds")
    below = -math.inf
    for bound in bounds:
        if not (below < bound < math.inf):
            raise InvalidRequest(
                f"custom bound {bound} after {below}: custom bounds must be finite and increase"
            )
        below = bound


def _check_count(wire: WireHistogram, count: int, sides: list[Buckets], zero_count: int) -> None:
    """Of integer histograms. An observed NaN is in no bucket, and makes the sum NaN."""
    if not wire.HasField("count_int"):
        return
    found = zero_count + sum(int(side.counts.sum()) for side in sides)
    if found > count or (found < count and not math.isnan(wire.sum)):
        raise InvalidRequest(
            f"{found} observations found in buckets, but the Count field is {count}: "
            "histogram's observation count should equal the number of observations found in the "
            "buckets (in absence of NaN)"
        )


def _positive(wire: WireHistogram) -> Buckets | None:
    return read_buckets(wire.positive_spans, wire.positive_deltas, wire.positive_counts)


def _negative(wire: WireHistogram) -> Buckets | None:
    return read_buckets(wire.negative_spans, wire.negative_deltas, wire.negative_counts)


def _count(wire: WireHistogram) -> float:
    return wire.count_float if wire.HasField("count_float") else wire.count_int


def _zero_count(wire: WireHistogram) -> float:
    return wire.zero_count_float if wire.HasField("zero_count_float") else wire.zero_count_int


def _whole(count: float) -> int | None:
    """None where it is not a whole number. Raises InvalidRequest where it is negative."""
    if count < 0:
        raise InvalidRequest(f"observation count is {count}: must not be negative")
    if isinstance(count, int):
        return count
    return int(count) if count.is_integer() and count <= _MAX_COUNT else None
