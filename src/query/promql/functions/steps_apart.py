"""changes, resets: what happens from one sample to the next inside a window."""

from collections.abc import Callable

import numpy as np

from query.promql.functions.extended import counted
from query.promql.functions.over_time import folding
from query.promql.functions.range_call import RangeFunction, simple
from query.promql.native import range_functions as native
from query.promql.native.windows import by_window
from query.promql.samples import Bools, Floats, Ints
from query.promql.windows import FloatFunction, Windows


def _changed(before: Floats, after: Floats) -> Bools:
    found: Bools = (before != after) & ~(np.isnan(before) & np.isnan(after))
    return found


def _fallen(before: Floats, after: Floats) -> Bools:
    found: Bools = after < before
    return found


def _counting(happens: Callable[[Floats, Floats], Bools]) -> FloatFunction:
    def fold(windows: Windows, lows: Ints, counts: Ints) -> Floats:
        values = windows.samples.values
        seen = np.zeros(len(values), dtype=np.int64)
        seen[1:] = np.cumsum(happens(values[:-1], values[1:]))
        found: Floats = (seen[lows + counts - 1] - seen[lows]).astype(np.float64)
        return found

    return folding(fold)


CHANGES = RangeFunction(_counting(_changed), by_window(native.changes), extended=counted(_changed))
RESETS = RangeFunction(_counting(_fallen), by_window(native.resets), extended=counted(_fallen))

FUNCTIONS = {"changes": simple(CHANGES), "resets": simple(RESETS)}
