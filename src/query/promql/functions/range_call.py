"""Calls of functions over range vectors: floats in arrays, native histograms beside them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from query.promql.alike import AlikeFunction
from query.promql.annotations import histogram_ignored_in_mixed_range
from query.promql.bounds import chunks
from query.promql.frame import Frame
from query.promql.functions.extended import SpanFunction, fold_extended
from query.promql.labels import metric_name
from query.promql.samples import Bools, Floats
from query.promql.selecting import repeated
from query.promql.standing import STANDING, Standing
from query.promql.subquery import range_vectors
from query.promql.tree import Call, Node
from query.promql.vector import Vector, joined
from query.promql.windows import FloatFunction, Folded, RangeVector

HistogramStep = Callable[[Vector, RangeVector, Frame, Node], Vector]
"""Puts in what native histograms of the windows give; the vector holds the floats' results."""


def ignore_histograms(vector: Vector, windows: RangeVector, frame: Frame, argument: Node) -> Vector:
    """Native histograms beside floats give an info and nothing else."""
    for first, last in chunks(len(vector.labels), windows.steps):
        held = windows.histogram_windows(first, last)
        if held is None:
            return vector
        floats = windows.float_windows(first, last).counts > 0
        for row in np.flatnonzero((floats & (held.counts > 0)).any(axis=1)).tolist():
            text = histogram_ignored_in_mixed_range(metric_name(vector.labels[first + row]))
            frame.query.annotations.inform(text, argument.position)
    return vector


@dataclass(frozen=True, slots=True)
class RangeFunction:
    """What a function does with floats, with native histograms, and with the name."""

    floats: FloatFunction
    histograms: HistogramStep = ignore_histograms
    keeps_name: bool = False
    extended: SpanFunction | None = None
    alike: AlikeFunction | None = None


def call_range(
    frame: Frame,
    argument: Node,
    function: RangeFunction,
    own_steps: bool = False,
    standing: Standing | None = None,
) -> Vector:
    """The vector a function gives for its range argument.

    With `own_steps` the function answers for each step even where `@` fixes the window. `standing`
    is as in query.promql.standing.
    """
    found, cells = [], 0
    for windows in range_vectors(frame, argument, standing):
        steps = frame.grid.count if own_steps else windows.steps
        cells += len(windows.series.labels) * steps
        frame.query.room(cells)
        found.append(_of_part(frame, argument, function, windows, steps))
    return repeated(joined(found), frame.grid.count).compact()


def _of_part(
    frame: Frame, argument: Node, function: RangeFunction, windows: RangeVector, steps: int
) -> Vector:
    shape = (len(windows.series.labels), steps)
    if windows.extension and function.extended is not None:
        values, present = fold_extended(windows, function.extended, frame.query.check)
    else:
        values, present = _folded(windows, shape, function, frame)
    dropped = windows.drop_name
    if not function.keeps_name:
        dropped = np.ones(shape[0], dtype=np.bool_)
    vector = Vector(windows.series.labels, values, present, dropped)
    if windows.series.histograms is not None:
        vector = function.histograms(vector, windows, frame, argument)
    return vector


def _folded(
    windows: RangeVector, shape: tuple[int, int], function: RangeFunction, frame: Frame
) -> tuple[Floats, Bools]:
    folded = Folded(windows, shape, frame.query.one_window)
    if function.alike is None:
        folded.each(function.floats)
    else:
        folded.together(function.floats, function.alike)
    return folded.values, folded.present


def simple(function: RangeFunction) -> Callable[[Call, Frame], Vector]:
    """A function whose only argument is a range vector."""
    return lambda call, frame: call_range(
        frame, call.arguments[0], function, standing=STANDING.get(call.function)
    )
