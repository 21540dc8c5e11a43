"""`anchored` and `smoothed` windows: from the edge's own value instead of extrapolated.

Anchored windows begin with the last sample before them; smoothed ones are cut at their edges
between the samples before and after.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from query.promql.bounds import chunks, ends
from query.promql.functions.resetting import lost_to_resets
from query.promql.samples import Bools, Floats, Ints, Ragged
from query.promql.windows import RangeVector


@dataclass(frozen=True, slots=True)
class Span:
    """The samples `first:last + 1` that windows with a result reach over, and their edges."""

    samples: Ragged
    first: Ints
    last: Ints
    start_ms: Ints
    end_ms: Ints
    smoothed: bool

    def left(self, counter: bool) -> Floats:
        """The value at the windows' left edge."""
        values, times = self.samples.values, self.samples.times
        own = values[self.first]
        if not self.smoothed:
            return own
        following = np.minimum(self.first + 1, len(values) - 1)
        begin = np.where(counter & (values[following] < own), 0.0, own)
        between = _between(
            begin, values[following], times[self.first], times[following], self.start_ms
        )
        return np.where(times[self.first] < self.start_ms, between, own)

    def right(self, counter: bool) -> Floats:
        """The value at the windows' right edge."""
        values, times = self.samples.values, self.samples.times
        own = values[self.last]
        if not self.smoothed:
            return own
        before = np.maximum(self.last - 1, 0)
        end = np.where(counter & (own < values[before]), own + values[before], own)
        between = _between(values[before], end, times[before], times[self.last], self.end_ms)
        beyond = (times[self.last] > self.end_ms) & (self.last > self.first)
        return np.where(beyond, between, own)

    def lost(self, left: Floats, right: Floats) -> Floats:
        """What a counter had reached before each reset between the edges."""
        values, times = self.samples.values, self.samples.times
        if not self.smoothed:
            return lost_to_resets(values, self.first, self.last)
        low = self.first + (times[self.first] <= self.start_ms)
        high = self.last - (times[self.last] >= self.end_ms)
        inside = low <= high
        low, high = np.where(inside, low, 0), np.where(inside, high, 0)
        lost = lost_to_resets(values, low, high)
        lost += np.where(values[low] < left, left, 0.0)
        lost += np.where(right < values[high], values[high], 0.0)
        return np.where(inside, lost, np.where(right < left, left, 0.0))


def _between(before: Floats, after: Floats, start: Ints, end: Ints, at: Ints) -> Floats:
    share = (at - start) / np.maximum(end - start, 1)
    found: Floats = before + (after - before) * share
    return found


SpanFunction = Callable[[Span], Floats]


def change(counter: bool, per_second: bool) -> Callable[[Span], Floats]:
    """The difference between the edges."""

    def apply(span: Span) -> Floats:
        left, right = span.left(counter), span.right(counter)
        found = right - left
        if counter:
            found = found + span.lost(left, right)
        return found / ((span.end_ms - span.start_ms) / 1000.0) if per_second else found

    return apply


def counted(happens: Callable[[Floats, Floats], Bools]) -> Callable[[Span], Floats]:
    """How often something happens from one sample to the next."""

    def apply(span: Span) -> Floats:
        values = span.samples.values
        seen = np.zeros(len(values), dtype=np.int64)
        seen[1:] = np.cumsum(happens(values[:-1], values[1:]))
        found: Floats = (seen[span.last] - seen[span.first]).astype(np.float64)
        return found

    return apply


def fold_extended(
    vector: RangeVector, function: SpanFunction, check: Callable[[], None]
) -> tuple[Floats, Bools]:
    """Apply a function to the windows of all series, some at a time, each after a `check`."""
    shape = (len(vector.series.labels), vector.steps)
    values, present = np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_)
    for low, high in chunks(*shape):
        check()
        samples = vector.series.floats.part(low, high)
        if len(samples.times):
            span, found = _span(vector, samples)
            present[low:high] = found
            values[low:high][found] = function(span)
    return values, present


def _span(vector: RangeVector, samples: Ragged) -> tuple[Span, Bools]:
    grid, times = vector.grid, samples.times
    smoothed = vector.extension == "smoothed"
    ends_ms = np.broadcast_to(grid.times, (len(samples.offsets) - 1, grid.count))
    starts_ms = ends_ms - vector.range_ms
    begins, limits = samples.offsets[:-1, None], samples.offsets[1:, None]
    inside = ends(samples, grid.moved(vector.range_ms))
    before = np.maximum(inside - 1, 0)
    usable = (inside > begins) & (times[before] > starts_ms - vector.lookback_ms)
    first = np.where(usable, before, inside)
    last = ends(samples, grid) - 1
    if smoothed:
        behind = np.minimum(last + 1, len(times) - 1)
        exact = (last >= begins) & (times[np.maximum(last, 0)] == ends_ms)
        near = (last + 1 < limits) & (times[behind] <= ends_ms + vector.lookback_ms)
        last = np.where(~exact & near, last + 1, last)
    found = (last >= first) & (first < limits) & (last >= begins)
    found &= times[np.maximum(last, 0)] > starts_ms
    span = Span(samples, first[found], last[found], starts_ms[found], ends_ms[found], smoothed)
    return span, found
