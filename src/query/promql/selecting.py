"""Instant selectors: the latest sample of each series at each step."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from query.promql.bounds import chunks, ends
from query.promql.frame import Frame, Grid, one_step
from query.promql.samples import Bools, Floats, Ints, Ragged, SeriesSet, is_stale
from query.promql.standing import HOUR_MS, Standing
from query.promql.tree import Selector
from query.promql.vector import Vector, joined, no_histograms, of_floats


def reference_grid(frame: Frame, selector: Selector) -> Grid:
    """The steps a selector looks back from: `@` and `offset` applied."""
    at = frame.query.bound(selector.at)
    grid = frame.grid if at is None else one_step(at)
    return grid.moved(selector.offset_ms)


def repeated(vector: Vector, steps: int) -> Vector:
    """A vector of one step, the same at each of several."""
    if vector.present.shape[1] == steps:
        return vector
    shape = (len(vector.labels), steps)
    histograms = vector.histograms
    return replace(
        vector,
        values=np.broadcast_to(vector.values, shape),
        present=np.broadcast_to(vector.present, shape),
        histograms=None if histograms is None else np.broadcast_to(histograms, shape),
    )


def select_series(frame: Frame, selector: Selector, back_ms: int) -> tuple[SeriesSet, Grid]:
    """The series of a selector with samples up to `back_ms` before the first step."""
    found = frame.query.source.select(selector.matchers, *_reach(frame, selector, back_ms))
    return _seen(frame, found), reference_grid(frame, selector)


def parts_of_series(
    frame: Frame, selector: Selector, back_ms: int, standing: Standing | None = None
) -> Iterator[SeriesSet]:
    """As `select_series`, some series at a time where they are many.

    With `standing` one sample may stand for all of an hour that no window has a part of.
    """
    reach = _reach(frame, selector, back_ms)
    if selector.extension or not _of_whole_hours(reference_grid(frame, selector), back_ms):
        standing = None
    for part in frame.query.source.parts(selector.matchers, *reach, standing):
        frame.query.check()
        yield _seen(frame, part)


def _of_whole_hours(grid: Grid, range_ms: int) -> bool:
    """Whether all windows begin and end where hours do."""
    step_ms = grid.step_ms if grid.count > 1 else 0
    return not any(time_ms % HOUR_MS for time_ms in (grid.start_ms, step_ms, range_ms))


def _reach(frame: Frame, selector: Selector, back_ms: int) -> tuple[int, int]:
    grid, lookback = reference_grid(frame, selector), frame.query.lookback_ms
    start, end = grid.start_ms - back_ms, grid.end_ms
    if selector.extension:
        start -= lookback
    if selector.extension == "smoothed":
        end += lookback
    return start, end


def _seen(frame: Frame, found: SeriesSet) -> SeriesSet:
    frame.query.room(found.samples)
    frame.query.saw_histograms |= found.histograms is not None
    return found


def select_instant(frame: Frame, selector: Selector) -> Vector:
    """The value of an instant selector."""
    if selector.extension == "smoothed":
        return repeated(_smoothed(frame, selector), frame.grid.count).compact()
    return repeated(latest(frame, selector)[0], frame.grid.count).compact()


def select_times(frame: Frame, selector: Selector) -> Vector:
    """When the latest samples were taken, in seconds."""
    vector, times = latest(frame, selector)
    seconds = replace(vector, values=times / 1000.0, histograms=None)
    return repeated(seconds, frame.grid.count).compact()


def latest(frame: Frame, selector: Selector) -> tuple[Vector, Ints]:
    """The latest samples, and when they were taken, in ms."""
    lookback, grid = frame.query.lookback_ms, reference_grid(frame, selector)
    pieces, cells = [], 0
    for found in parts_of_series(frame, selector, lookback):
        cells += len(found.labels) * grid.count
        frame.query.room(cells)
        pieces.append(_latest_of_part(frame, found, grid))
    if len(pieces) == 1:
        return pieces[0]
    times = np.concatenate([own for _, own in pieces])
    return joined([vector for vector, _ in pieces]), times


def _latest_of_part(frame: Frame, found: SeriesSet, grid: Grid) -> tuple[Vector, Ints]:
    lookback = frame.query.lookback_ms
    shape = (len(found.labels), grid.count)
    values, present = np.empty(shape), np.empty(shape, dtype=np.bool_)
    times = np.empty(shape, dtype=np.int64)
    for first, last in chunks(*shape):
        frame.query.check()
        part = slice(first, last)
        values[part], present[part], times[part] = _latest_floats(
            found.floats.part(first, last), grid, lookback
        )
    vector = Vector(found.labels, values, present, np.zeros(shape[0], dtype=np.bool_))
    if found.histograms is not None:
        vector = _with_histograms(vector, times, found.histograms, grid, lookback)
    return vector, times


def _smoothed(frame: Frame, selector: Selector) -> Vector:
    """The values on the lines between the samples before and after each step."""
    found, grid = select_series(frame, selector, 0)
    floats = found.floats.filtered(~is_stale(found.floats.values))
    shape, lookback = (len(found.labels), grid.count), frame.query.lookback_ms
    if not len(floats.times):
        return of_floats(found.labels, np.full(shape, np.nan), np.zeros(shape, np.bool_), False)
    behind = ends(floats, grid)
    before, after = np.maximum(behind - 1, 0), np.minimum(behind, len(floats.times) - 1)
    present = (behind > floats.offsets[:-1, None]) & (floats.times[before] > grid.times - lookback)
    near = floats.times[after] <= grid.times + lookback
    near &= (behind < floats.offsets[1:, None]) & (floats.times[before] < grid.times)
    start, own = floats.times[before], floats.values[before]
    share = (grid.times - start) / np.maximum(floats.times[after] - start, 1)
    line = own + (floats.values[after] - own) * share
    return of_floats(found.labels, np.where(near, line, own), present, False)


def _latest_index(samples: Ragged, grid: Grid, lookback_ms: int) -> tuple[Ints, Ints, Bools]:
    index = ends(samples, grid) - 1
    found = index >= samples.offsets[:-1, None]
    np.maximum(index, 0, out=index)
    times = samples.times[index]
    found &= times > grid.times - lookback_ms
    return index, times, found


def _latest_floats(samples: Ragged, grid: Grid, lookback_ms: int) -> tuple[Floats, Bools, Ints]:
    shape = (len(samples.offsets) - 1, grid.count)
    if not len(samples.times):
        return np.full(shape, np.nan), np.zeros(shape, np.bool_), np.full(shape, -(1 << 62))
    index, times, found = _latest_index(samples, grid, lookback_ms)
    values = samples.values[index]
    times[~found] = -(1 << 62)
    found &= ~is_stale(values)
    return values, found, times


def _with_histograms(
    vector: Vector, times: Ints, samples: Ragged, grid: Grid, lookback_ms: int
) -> Vector:
    """Put in the native histograms that are newer than the floats; `times` follows."""
    index, taken_at, found = _latest_index(samples, grid, lookback_ms)
    found &= taken_at > times
    cells = no_histograms(vector.values.shape)
    cells[found] = samples.values[index[found]]
    vector.values[found] = np.nan
    times[found] = taken_at[found]
    return replace(vector, present=vector.present | found, histograms=cells)
