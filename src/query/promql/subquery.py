"""Range arguments: range selectors and subqueries."""

from collections.abc import Iterator

import numpy as np

from query.promql.errors import PromqlError
from query.promql.frame import Frame, Grid, one_step
from query.promql.native.histogram import ResetHint
from query.promql.samples import Ragged, SeriesSet
from query.promql.selecting import parts_of_series, reference_grid, select_series
from query.promql.standing import Standing
from query.promql.tree import Node, Range, Subquery, bare
from query.promql.vector import Scalar, Vector, of_floats
from query.promql.windows import RangeVector, without_stale


def range_vector(frame: Frame, node: Node) -> RangeVector:
    """The samples and windows of a node whose type is a range vector."""
    node = bare(node)
    if isinstance(node, Range):
        series, _ = select_series(frame, node.selector, node.range_ms)
        return _of_selector(frame, node, series)
    if isinstance(node, Subquery):
        return _subquery(frame, node)
    raise PromqlError(f"expected a range vector, got {type(node).__name__.lower()}")


def range_vectors(
    frame: Frame, node: Node, standing: Standing | None = None
) -> Iterator[RangeVector]:
    """As `range_vector`, some series at a time where they are many; one at least."""
    bared = bare(node)
    if isinstance(bared, Range):
        for series in parts_of_series(frame, bared.selector, bared.range_ms, standing):
            yield _of_selector(frame, bared, series)
    else:
        yield range_vector(frame, bared)


def _of_selector(frame: Frame, node: Range, series: SeriesSet) -> RangeVector:
    return RangeVector(
        without_stale(series),
        np.zeros(len(series.labels), dtype=np.bool_),
        reference_grid(frame, node.selector),
        node.range_ms,
        frame.grid,
        node.selector.extension,
        frame.query.lookback_ms,
    )


def _subquery(frame: Frame, node: Subquery) -> RangeVector:
    at = frame.query.bound(node.at)
    outer = frame.grid if at is None else one_step(at)
    outer = outer.moved(node.offset_ms)
    inner = _inner_grid(outer, node.range_ms, node.step_ms or frame.query.subquery_step_ms)
    frame.query.room(inner.count)
    if inner.count <= 0:
        vector = of_floats([], np.empty((0, 0)), np.empty((0, 0), np.bool_), False)
    else:
        vector = _as_vector(Frame(frame.query, inner), node.inner)
    series = _as_series(vector, inner)
    return RangeVector(series, vector.drop_name, outer, node.range_ms, frame.grid)


def _inner_grid(outer: Grid, range_ms: int, step_ms: int) -> Grid:
    """The multiples of the step after the first window's left edge, up to the last window's end."""
    first = ((outer.start_ms - range_ms) // step_ms + 1) * step_ms
    return Grid(first, step_ms, (outer.end_ms - first) // step_ms + 1)


def _as_vector(frame: Frame, node: Node) -> Vector:
    value = frame.value(node)
    if isinstance(value, Scalar):
        row = value.values.reshape(1, -1)
        return of_floats([()], row, np.ones(row.shape, dtype=np.bool_), False)
    if isinstance(value, Vector):
        return value
    raise PromqlError("subquery is only allowed on instant vector and scalar")


def _as_series(vector: Vector, grid: Grid) -> SeriesSet:
    """The samples of each step as series."""
    histograms = None
    if vector.histograms is not None:
        histograms = _unhinted(_ragged(vector.histograms_present, vector.histograms, grid))
    return SeriesSet(vector.labels, _ragged(vector.floats_present, vector.values, grid), histograms)


def _unhinted(samples: Ragged) -> Ragged:
    """The same without what was known of resets, as steps repeat samples and leave some out."""
    for index, histogram in enumerate(samples.values):
        if histogram.hint is not ResetHint.GAUGE:
            samples.values[index] = histogram.hinted(ResetHint.UNKNOWN)
    return samples


def _ragged(
    present: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]",
    cells: "np.ndarray[tuple[int, ...], np.dtype[np.float64] | np.dtype[np.object_]]",
    grid: Grid,
) -> Ragged:
    offsets = np.concatenate(([0], np.cumsum(present.sum(axis=1)))).astype(np.int64)
    times = np.broadcast_to(grid.times, present.shape)[present]
    return Ragged(offsets, times, cells[present])
