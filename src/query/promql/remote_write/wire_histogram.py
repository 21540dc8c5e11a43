"""A native histogram as remote write would send it."""

from query.promql.native.histogram import Buckets, Histogram, ResetHint
from query.promql.remote_write.proto.goldeneye.remote_write.v2 import write_pb2 as v2

_HINTS = {ResetHint.UNKNOWN: 0, ResetHint.RESET: 1, ResetHint.NOT_RESET: 2, ResetHint.GAUGE: 3}


def wire_histogram(histogram: Histogram, time_ms: int) -> v2.Histogram:
    """Its counts are floats."""
    wire = v2.Histogram(
        count_float=histogram.count,
        sum=histogram.sum,
        schema=histogram.schema,
        zero_threshold=histogram.zero_threshold,
        zero_count_float=histogram.zero_count,
        reset_hint=_HINTS[histogram.hint],
        timestamp=time_ms,
        custom_values=histogram.custom_bounds,
    )
    wire.positive_spans.extend(_spans(histogram.positive))
    wire.negative_spans.extend(_spans(histogram.negative))
    wire.positive_counts.extend(_counts(histogram.positive))
    wire.negative_counts.extend(_counts(histogram.negative))
    return wire


def _counts(buckets: Buckets) -> list[float]:
    return [buckets[index] for index in sorted(buckets)]


def _spans(buckets: Buckets) -> list[v2.BucketSpan]:
    spans: list[v2.BucketSpan] = []
    end = 0
    for index in sorted(buckets):
        if spans and index == end:
            spans[-1].length += 1
        else:
            spans.append(v2.BucketSpan(offset=index - end, length=1))
        end = index + 1
    return spans
