"""Range functions over series with native histograms, window by window."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from query.promql.annotations import Annotations
from query.promql.bounds import ends
from query.promql.frame import Frame
from query.promql.labels import metric_name
from query.promql.native.histogram import Histogram
from query.promql.native.resets import was_reset
from query.promql.samples import Ints, Ragged
from query.promql.tree import Node
from query.promql.vector import Vector, no_histograms
from query.promql.windows import RangeVector

Value = float | Histogram


@dataclass(frozen=True)
class MixedSeries:
    """One series' floats and native histograms, by time."""

    times: Ints
    values: list[Value]

    def time(self, index: int) -> int:
        """When a sample was taken, in ms."""
        return int(self.times[index])

    @cached_property
    def held_before(self) -> list[int]:
        """For each sample, and for the end, how many native histograms come before it."""
        natives = [isinstance(value, Histogram) for value in self.values]
        return [0, *accumulate(natives)]

    @cached_property
    def reset_before(self) -> list[bool]:
        """For each sample whether the counter histogram was reset since the one before."""
        found = [False]
        for before, after in zip(self.values, self.values[1:], strict=False):
            both = isinstance(before, Histogram) and isinstance(after, Histogram)
            found.append(both and was_reset(before, after))  # type: ignore[arg-type]
        return found


@dataclass(frozen=True, slots=True)
class Window:
    """The samples `low:high` of a series inside one window, and where to note what is odd."""

    series: MixedSeries
    low: int
    high: int
    end_ms: int
    range_ms: int
    name: str
    notes: Annotations
    position: int

    @property
    def values(self) -> list[Value]:
        """The samples, oldest first."""
        return self.series.values[self.low : self.high]

    @property
    def times(self) -> list[int]:
        """When they were taken, in ms."""
        found: list[int] = self.series.times[self.low : self.high].tolist()
        return found

    @property
    def held(self) -> int:
        """How many native histograms are among them."""
        return self.series.held_before[self.high] - self.series.held_before[self.low]

    @property
    def histograms(self) -> list[Histogram]:
        """The native histograms among them."""
        return [value for value in self.values if isinstance(value, Histogram)]

    @property
    def is_mixed(self) -> bool:
        """Whether there are floats and native histograms."""
        return 0 < self.held < self.high - self.low

    def warn(self, text: str) -> None:
        """Note a warning at the function's argument."""
        self.notes.warn(text, self.position)

    def inform(self, text: str) -> None:
        """Note an info at the function's argument."""
        self.notes.inform(text, self.position)


CellFunction = Callable[[Window], Value | None]


def _merged(floats: Ragged, histograms: Ragged) -> tuple[MixedSeries, Ragged]:
    times = np.concatenate((floats.times, histograms.times))
    order = np.argsort(times, kind="stable")
    cells: list[Any] = [*floats.values.tolist(), *histograms.values]
    times = times[order]
    offsets = np.array([0, len(times)], dtype=np.int64)
    series = MixedSeries(times, [cells[index] for index in order.tolist()])
    return series, Ragged(offsets, times, times)


def _windows(vector: RangeVector, row: int, frame: Frame, argument: Node) -> Iterator[Window]:
    assert vector.series.histograms is not None
    floats = vector.series.floats.part(row, row + 1)
    held = vector.series.histograms.part(row, row + 1)
    series, times = _merged(floats, held)
    lows = ends(times, vector.grid.moved(vector.range_ms))[0].tolist()
    highs = ends(times, vector.grid)[0].tolist()
    name = metric_name(vector.series.labels[row])
    for low, high, end in zip(lows, highs, vector.grid.times.tolist(), strict=True):
        yield Window(
            series,
            low,
            high,
            end,
            vector.range_ms,
            name,
            frame.query.annotations,
            argument.position,
        )


def by_window(
    function: CellFunction,
) -> Callable[[Vector, RangeVector, Frame, Node], Vector]:
    """What the function gives for each window with a native histogram, beside the floats."""

    def put_in(vector: Vector, windows: RangeVector, frame: Frame, argument: Node) -> Vector:
        held = windows.series.histograms
        assert held is not None
        cells = no_histograms(vector.values.shape)
        for row in np.flatnonzero(np.diff(held.offsets)).tolist():
            frame.query.check()
            for step, window in enumerate(_windows(windows, row, frame, argument)):
                if window.held:
                    value = function(window)
                    vector.present[row, step] = value is not None
                    vector.values[row, step] = value if isinstance(value, float) else np.nan
                    cells[row, step] = value if isinstance(value, Histogram) else None
        return replace(vector, histograms=cells)

    return put_in
