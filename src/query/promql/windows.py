"""Range vectors: for each series and step the slice of samples inside the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from query.promql.alike import AlikeFunction, alike_windows
from query.promql.alike import alike as grouped
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


class Folded:
    """The values of a function of float windows, series by series, and where there are any.

    `seen` is told of each part how many samples its largest window has.
    """

    def __init__(
        self, vector: RangeVector, shape: tuple[int, int], seen: Callable[[int], None]
    ) -> None:
        self._vector = vector
        self._seen = seen
        self.values: Floats = np.empty(shape)
        self.present: Bools = np.empty(shape, dtype=np.bool_)

    def each(self, function: FloatFunction) -> None:
        """Of all series, some at a time."""
        for first, last in chunks(*self.values.shape):
            part = slice(first, last)
            windows = self._vector.float_windows(first, last)
            self._seen(int(windows.counts.max(initial=0)))
            self.values[part], self.present[part] = function(windows)

    def together(self, function: FloatFunction, alike: AlikeFunction) -> None:
        """As `each`, those with the same times together as far as they fit."""
        samples = self._vector.series.floats
        groups, left = grouped(samples)
        if not groups:
            self.each(function)
            return
        unfit = [left]
        for rows in groups:
            for some, windows in alike_windows(
                samples, rows, self._vector.grid, self._vector.range_ms
            ):
                self._seen(int((windows.highs - windows.lows).max(initial=0)))
                fits = alike.fits(windows.values)
                if not fits.all():
                    unfit.append(some[~fits])
                    some = some[fits]
                    windows = replace(windows, values=windows.values[fits])
                self.values[some], self.present[some] = alike.apply(windows)
        self._rest(function, np.sort(np.concatenate(unfit)))

    def _rest(self, function: FloatFunction, rows: Ints) -> None:
        if not len(rows):
            return
        vector = self._vector
        labels = [vector.series.labels[row] for row in rows.tolist()]
        series = SeriesSet(labels, vector.series.floats.picked(rows))
        shape = (len(rows), self.values.shape[1])
        own = Folded(replace(vector, series=series), shape, self._seen)
        own.each(function)
        self.values[rows], self.present[rows] = own.values, own.present
