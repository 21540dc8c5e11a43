"""stddev, stdvar, quantile and median deviation over each window."""

import numpy as np

from query.promql.annotations import invalid_quantile
from query.promql.compensated import LONG, Positions, add, flattened
from query.promql.frame import Frame
from query.promql.functions.over_time import folding
from query.promql.functions.range_call import RangeFunction, call_range, simple
from query.promql.quantile import quantiles
from query.promql.samples import Bools, Floats, Ints
from query.promql.tree import Call
from query.promql.vector import Vector
from query.promql.windows import Windows

# Cells of one padded matrix of windows x samples.
_PADDED = 1 << 22


def variances(windows: Windows, lows: Ints, counts: Ints) -> Floats:
    """The population variance of each window."""
    if int(counts.max(initial=0)) <= LONG:
        return _stepped_variances(windows.samples.values, lows, counts)
    values, found = windows.samples.values, np.empty(len(lows))
    for flat in flattened(lows, counts):
        # Equal samples must give exactly 0, so all are taken relative to the first one.
        apart = values[flat.index] - flat.spread(values[lows[flat.windows]])
        apart -= flat.spread(flat.sums(apart) / flat.counts)
        found[flat.windows] = flat.sums(apart * apart) / flat.counts
    return found


def _stepped_variances(values: Floats, lows: Ints, counts: Ints) -> Floats:
    """Sample by sample, as Prometheus does it, to the same last digit."""
    positions = Positions(lows, counts)
    mean, mean_lost, squares, lost = np.zeros((4, len(lows)))
    for number, index in enumerate(positions, 1):
        part, term = slice(len(index)), values[index]
        apart = term - (mean[part] + mean_lost[part])
        mean[part], mean_lost[part] = add(apart / number, mean[part], mean_lost[part])
        square = apart * (term - (mean[part] + mean_lost[part]))
        squares[part], lost[part] = add(square, squares[part], lost[part])
    return positions.restored((squares + lost) / positions.counts)


def padded(values: Floats, lows: Ints, counts: Ints) -> tuple[Floats, Bools]:
    """The windows as rows of a matrix, with a mask of what is a sample."""
    columns = np.arange(int(counts.max(initial=0)))
    filled = columns < counts[:, None]
    index = np.minimum(lows[:, None] + columns, len(values) - 1)
    return np.where(filled, values[index], np.nan), filled


def window_quantiles(values: Floats, lows: Ints, counts: Ints, wanted: Floats) -> Floats:
    """A quantile of each window, its own wanted one."""
    found = np.empty(len(lows))
    size = max(1, _PADDED // max(1, int(counts.max(initial=1))))
    for first in range(0, len(lows), size):
        part = slice(first, first + size)
        rows, filled = padded(values, lows[part], counts[part])
        found[part] = quantiles(wanted[part], rows, filled)
    return found


def _deviations(windows: Windows, lows: Ints, counts: Ints) -> Floats:
    """The median distance from the median of each window."""
    values, half = windows.samples.values, np.full(len(lows), 0.5)
    found = np.empty(len(lows))
    size = max(1, _PADDED // max(1, int(counts.max(initial=1))))
    for first in range(0, len(lows), size):
        part = slice(first, first + size)
        rows, filled = padded(values, lows[part], counts[part])
        medians = quantiles(half[part], rows, filled)
        spoilt = (np.isnan(rows) & filled).any(axis=1)
        distances = quantiles(half[part], np.abs(rows - medians[:, None]), filled)
        found[part] = np.where(spoilt, np.nan, distances)
    return found


def quantile_over_time(call: Call, frame: Frame) -> Vector:
    """A quantile of each window's floats."""
    wanted = frame.scalar(call.arguments[0])
    for value in np.unique(wanted[~((wanted >= 0) & (wanted <= 1))]).tolist():
        frame.query.annotations.warn(invalid_quantile(value), call.arguments[0].position)

    def floats(windows: Windows) -> tuple[Floats, Bools]:
        present = windows.counts > 0
        values = np.full(np.broadcast_shapes(present.shape, wanted.shape), np.nan)
        spread = np.broadcast_to(present, values.shape)
        lows = np.broadcast_to(windows.lows, values.shape)[spread]
        counts = np.broadcast_to(windows.counts, values.shape)[spread]
        each = np.broadcast_to(wanted, values.shape)[spread]
        values[spread] = window_quantiles(windows.samples.values, lows, counts, each)
        return values, spread

    return call_range(frame, call.arguments[1], RangeFunction(floats), own_steps=True)


FUNCTIONS = {
    "stdvar_over_time": simple(RangeFunction(folding(variances))),
    "stddev_over_time": simple(
        RangeFunction(folding(lambda w, lows, counts: np.sqrt(variances(w, lows, counts))))
    ),
    "quantile_over_time": quantile_over_time,
    "mad_over_time": simple(RangeFunction(folding(_deviations))),
}
