"""How many samples a value holds, as Prometheus counts them."""

import numpy as np

from query.promql.native.histogram import Histogram
from query.promql.vector import Text, Value, Vector

# Bytes of a float with its time, which is one sample; and of an empty histogram's members.
_SAMPLE_BYTES = 16
_HISTOGRAM_BYTES = 176


def samples_held(value: Value) -> int:
    """A native histogram is as many as floats would take its memory."""
    if isinstance(value, Text):
        return 0
    if not isinstance(value, Vector):
        return len(value.values)
    count = int(np.count_nonzero(value.present))
    if value.histograms is None:
        return count
    held = value.histograms[value.histograms_present]
    return count - len(held) + sum(map(histogram_size, held))


def histogram_size(histogram: Histogram) -> int:
    """In samples."""
    buckets = len(histogram.positive) + len(histogram.negative) + len(histogram.custom_bounds)
    return (_HISTOGRAM_BYTES + 8 * buckets) // _SAMPLE_BYTES
