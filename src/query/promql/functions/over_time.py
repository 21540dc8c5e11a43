"""count, sum, avg, min, max, last, first, present and friends over each window."""

from collections.abc import Callable

import numpy as np

from query.promql.compensated import flattened, means, totals
from query.promql.functions.range_call import RangeFunction, simple
from query.promql.native import range_functions as native
from query.promql.native.windows import by_window
from query.promql.samples import Bools, Floats, Ints
from query.promql.windows import FloatFunction, Windows

Fold = Callable[[Windows, Ints, Ints], Floats]
"""One value for each window, given the windows' first samples and lengths (1 or more)."""


def folding(fold: Fold) -> FloatFunction:
    """A function of all windows that hold a sample."""

    def apply(windows: Windows) -> tuple[Floats, Bools]:
        counts = windows.counts
        present = counts > 0
        values = np.full(present.shape, np.nan)
        values[present] = fold(windows, windows.lows[present], counts[present])
        return values, present

    return apply


def reduced(ufunc: np.ufunc, values: Floats, lows: Ints, counts: Ints) -> Floats:
    """A ufunc's reduction of each window."""
    if not len(lows):
        return np.empty(0)
    pairs = np.stack((lows, lows + counts), axis=1).ravel()
    found: Floats = ufunc.reduceat(np.append(values, np.nan), pairs)[::2]
    return found


def _last_extreme(windows: Windows, lows: Ints, counts: Ints, ufunc: np.ufunc) -> Floats:
    """When the window's extreme was last seen, in seconds."""
    values = windows.samples.values
    extremes = reduced(ufunc, values, lows, counts)
    last = np.empty(len(lows), dtype=np.int64)
    for flat in flattened(lows, counts):
        wanted = flat.spread(extremes[flat.windows])
        hit = (values[flat.index] == wanted) | np.isnan(wanted)
        last[flat.windows] = np.maximum.reduceat(np.where(hit, flat.index, -1), flat.starts)
    return _seconds(windows, last)


def _seconds(windows: Windows, index: Ints) -> Floats:
    seconds: Floats = windows.samples.times[index] / 1000.0
    return seconds


COUNT = RangeFunction(
    folding(lambda w, lows, counts: counts.astype(np.float64)), by_window(native.count)
)
SUM = RangeFunction(
    folding(lambda w, lows, counts: totals(w.samples.values, lows, counts)),
    by_window(native.sum_),
)
AVG = RangeFunction(
    folding(lambda w, lows, counts: means(w.samples.values, lows, counts)), by_window(native.avg)
)
MIN = RangeFunction(folding(lambda w, lo, n: reduced(np.fmin, w.samples.values, lo, n)))
MAX = RangeFunction(folding(lambda w, lo, n: reduced(np.fmax, w.samples.values, lo, n)))
LAST = RangeFunction(
    folding(lambda w, lows, counts: w.samples.values[lows + counts - 1]),
    by_window(native.last),
    keeps_name=True,
)
FIRST = RangeFunction(
    folding(lambda w, lows, counts: w.samples.values[lows]),
    by_window(native.first),
    keeps_name=True,
)
PRESENT = RangeFunction(
    folding(lambda w, lows, counts: np.ones(len(lows))), by_window(native.present)
)
TS_OF_LAST = RangeFunction(
    folding(lambda w, lows, counts: _seconds(w, lows + counts - 1)), by_window(native.last_time)
)
TS_OF_FIRST = RangeFunction(
    folding(lambda w, lows, counts: _seconds(w, lows)), by_window(native.first_time)
)
TS_OF_MIN = RangeFunction(folding(lambda w, lo, n: _last_extreme(w, lo, n, np.fmin)))
TS_OF_MAX = RangeFunction(folding(lambda w, lo, n: _last_extreme(w, lo, n, np.fmax)))

FUNCTIONS = {
    "count_over_time": simple(COUNT),
    "sum_over_time": simple(SUM),
    "avg_over_time": simple(AVG),
    "min_over_time": simple(MIN),
    "max_over_time": simple(MAX),
    "last_over_time": simple(LAST),
    "first_over_time": simple(FIRST),
    "present_over_time": simple(PRESENT),
    "ts_of_last_over_time": simple(TS_OF_LAST),
    "ts_of_first_over_time": simple(TS_OF_FIRST),
    "ts_of_min_over_time": simple(TS_OF_MIN),
    "ts_of_max_over_time": simple(TS_OF_MAX),
}
