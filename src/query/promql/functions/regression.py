"""deriv, predict_linear, double_exponential_smoothing: what a series tends to."""

import numpy as np

from query.promql.compensated import Flat, Positions, flattened, totals
from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.functions.range_call import RangeFunction, call_range, simple
from query.promql.samples import Bools, Floats, Ints
from query.promql.tree import Call
from query.promql.vector import Vector
from query.promql.windows import Windows


def _line(windows: Windows, lows: Ints, counts: Ints, origin_ms: Ints) -> tuple[Floats, Floats]:
    """Slope, per second, and value at `origin_ms` of the least-squares line."""
    slope, value = np.empty(len(lows)), np.empty(len(lows))
    samples = windows.samples
    for flat in flattened(lows, counts):
        part, y = flat.windows, samples.values[flat.index]
        x = (samples.times[flat.index] - flat.spread(origin_ms[part])) / 1000.0
        start = y[flat.starts]
        slope[part], value[part] = _fitted(flat, x, y)
        constant = np.logical_and.reduceat(y == flat.spread(start), flat.starts)
        still = np.where(np.isinf(start), np.nan, 0.0)
        slope[part] = np.where(constant, still, slope[part])
        value[part] = np.where(constant, start + still, value[part])
    return slope, value


def _fitted(flat: Flat, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    sum_x, sum_y, sum_xy, sum_xx = (
        totals(terms, flat.starts, flat.counts) for terms in (x, y, x * y, x * x)
    )
    shared = sum_xy - sum_x * sum_y / flat.counts
    slope = shared / (sum_xx - sum_x * sum_x / flat.counts)
    return slope, sum_y / flat.counts - slope * sum_x / flat.counts


def _slopes(windows: Windows) -> tuple[Floats, Bools]:
    present = windows.counts >= 2
    values = np.full(present.shape, np.nan)
    lows = windows.lows[present]
    origin = windows.samples.times[lows]
    values[present] = _line(windows, lows, windows.counts[present], origin)[0]
    return values, present


def predict_linear(call: Call, frame: Frame) -> Vector:
    """Where the line through each window is so many seconds after the step."""
    ahead = frame.scalar(call.arguments[1])

    def floats(windows: Windows) -> tuple[Floats, Bools]:
        shape = (len(windows.labels), frame.grid.count)
        lows, counts = (np.broadcast_to(a, shape) for a in (windows.lows, windows.counts))
        present = counts >= 2
        values = np.full(shape, np.nan)
        origin = np.broadcast_to(windows.evaluated.times, shape)[present]
        slope, value = _line(windows, lows[present], counts[present], origin)
        values[present] = slope * np.broadcast_to(ahead, shape)[present] + value
        return values, present

    return call_range(frame, call.arguments[0], RangeFunction(floats), own_steps=True)


def _factor(values: Floats, what: str) -> float:
    for value in values.tolist():
        if not 0 < value < 1:
            name = "sf" if what == "smoothing" else "tf"
            raise PromqlError(f"invalid {what} factor. Expected: 0 < {name} < 1, got: {value:f}")
    return float(values[0])


def _smoothed(values: Floats, lows: Ints, counts: Ints, smoothing: float, trend: float) -> Floats:
    positions = Positions(lows, counts)
    level, before = values[positions.lows].copy(), np.zeros(len(lows))
    slope = values[positions.lows + 1] - level
    for number, index in enumerate(positions):
        if number == 0:
            continue
        part = slice(len(index))
        if number > 1:
            rise = level[part] - before[part]
            slope[part] = trend * rise + (1 - trend) * slope[part]
        expected = (1 - smoothing) * (level[part] + slope[part])
        before[part], level[part] = level[part].copy(), smoothing * values[index] + expected
    return positions.restored(level)


def double_exponential_smoothing(call: Call, frame: Frame) -> Vector:
    """Holt's smoothed value at the end of each window."""
    smoothing = _factor(frame.scalar(call.arguments[1]), "smoothing")
    trend = _factor(frame.scalar(call.arguments[2]), "trend")

    def floats(windows: Windows) -> tuple[Floats, Bools]:
        present = windows.counts >= 2
        values = np.full(present.shape, np.nan)
        lows, counts = windows.lows[present], windows.counts[present]
        values[present] = _smoothed(windows.samples.values, lows, counts, smoothing, trend)
        return values, present

    return call_range(frame, call.arguments[0], RangeFunction(floats))


FUNCTIONS = {
    "deriv": simple(RangeFunction(_slopes)),
    "predict_linear": predict_linear,
    "double_exponential_smoothing": double_exponential_smoothing,
}
