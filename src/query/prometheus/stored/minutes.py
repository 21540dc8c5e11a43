"""What was counted by the minute, as counters that are seen each minute."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from query.prometheus.stored.span import Span
from query.promql.errors import TooManySamples
from query.promql.samples import Floats, Ints, Ragged, empty_floats

MINUTE_MS: Final = 60_000


@dataclass(frozen=True)
class Counted:
    """So much of each series in each minute since 1970; rows of one add up."""

    series: Ints
    minutes: Ints
    counts: Floats


def counters(counted: Counted, series: int, span: Span, max_samples: int) -> Ragged:
    """A zero where a series' first minute begins, then at the end of each minute what was counted
    so far, up to the end of the range. Raises TooManySamples."""
    if not len(counted.minutes):
        return empty_floats(series)
    first = int(counted.minutes.min())
    last = int(counted.minutes.max()) if span.end_ms is None else span.end_ms // MINUTE_MS
    width = max(last, int(counted.minutes.max())) - first + 2
    if width * series > max_samples:
        raise TooManySamples(
            "query processing would load too many samples into memory in query execution"
        )
    places = counted.series * width + (counted.minutes - first + 1)
    matrix = np.bincount(places, counted.counts, series * width).reshape(series, width)
    begun = np.full(series, width, dtype=np.int64)
    np.minimum.at(begun, counted.series, counted.minutes - first)
    matrix = np.cumsum(matrix, axis=1)
    seen = np.arange(width) >= begun[:, None]
    times = np.broadcast_to((first + np.arange(width)) * MINUTE_MS, seen.shape)
    offsets = np.concatenate(([0], np.cumsum(seen.sum(axis=1)))).astype(np.int64)
    return Ragged(offsets, times[seen], matrix[seen])
