"""Range vectors: for each series and step the slice of samples inside the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from query.promql.bounds import chunks, ends
from query.promql.frame import Grid
from query.promql.labels import Labels
from query.promql.samples import Bools, Floats, Ints, Ragged, SeriesSet, is_stale


@dataclass(frozen=True, slots=True)
class Windows:
    """Some series' windows: samples `lows[i, s]:highs[i, s]` are in (step - range, step].

    `grid` are the steps the windows end at, `evaluated` the steps of the expression, which
    differ by `offset` and `@`. Floats and native histograms have their own slices.
    """

    labels: Sequence[Labels]
    samples: Ragged
    lows: Ints
    highs: Ints
    grid: Grid
    range_ms: int
    evaluated: Grid

    @property
    def counts(self) -> Ints:
        """How many samples each window has."""
        return self.highs - self.lows

    def firsts(self, rows: Bools) -> Ints:
        """The first sample's index in the windows marked in `rows`."""
        return self.lows[rows]

    def lasts(self, rows: Bools) -> Ints:
        """The last sample's index in the windows marked in `rows`."""
        return self.highs[rows] - 1

    def ends_ms(self, rows: Bools) -> Ints:
        """Where the windows marked in `rows` end."""
        ends_ms: Ints = np.broadcast_to(self.grid.times, self.lows.shape)[rows]
        return ends_ms


@dataclass(frozen=True, slots=True)
class RangeVector:
    """A range vector before it is cut into windows: its samples and where windows end.

    `extension` is `anchored` or `smoothed` where windows reach beyond their edges, at most by
    `lookback_ms`.
    """

    series: SeriesSet
    drop_name: Bools
    grid: Grid
    range_ms: int
    evaluated: Grid
    extension: str = ""
    lookback_ms: int = 0

    @property
    def steps(self) -> int:
        """How many windows each series has: one where `@` fixes it."""
        return self.grid.count

    def float_windows(self, first: int, last: int) -> Windows:
        """The windows over the floats of the series from `first` to before `last`."""
        return self._windows(self.series.floats, first, last)

    def histogram_windows(self, first: int, last: int) -> Windows | None:
        """The windows over the native histograms of these series, where there are any."""
        held = self.series.histograms
        return None if held is None else self._windows(held, first, last)

    def _windows(self, samples: Ragged, first: int, last: int) -> Windows:
        part = samples.part(first, last)
        lows = ends(part, self.grid.moved(self.range_ms))
        highs = ends(part, self.grid)
        labels = self.series.labels[first:last]
        return Windows(labels, part, lows, highs, self.grid, self.range_ms, self.evaluated)


def without_stale(series: SeriesSet) -> SeriesSet:
    """The series without their stale markers, which no window holds."""
    floats = series.floats
    return SeriesSet(series.labels, floats.filtered(~is_stale(floats.values)), series.histograms)


FloatFunction = Callable[[Windows], tuple[Floats, Bools]]
"""Values, and where there are any, for windows over floats."""


def fold_floats(
    vector: RangeVector,
    shape: tuple[int, int],
    function: FloatFunction,
    seen: Callable[[int], None],
) -> tuple[Floats, Bools]:
    """Apply a function of float windows to all series, some at a time; `shape` is the result's.

    `seen` is told for each part how many samples its largest window has.
    """
    values, present = np.empty(shape), np.empty(shape, dtype=np.bool_)
    for first, last in chunks(*shape):
        windows = vector.float_windows(first, last)
        seen(int(windows.counts.max(initial=0)))
        values[first:last], present[first:last] = function(windows)
    return values, present
