"""irate, idelta: between the last two samples of the window."""

import numpy as np

from query.promql.functions.range_call import RangeFunction, simple
from query.promql.native import range_functions as native
from query.promql.native.windows import by_window
from query.promql.samples import Bools, Floats
from query.promql.windows import FloatFunction, Windows


def _between_last_two(windows: Windows, counter: bool) -> tuple[Floats, Bools]:
    present = windows.counts >= 2
    values = np.full(present.shape, np.nan)
    lasts, samples = windows.lasts(present), windows.samples
    last, before = samples.values[lasts], samples.values[lasts - 1]
    change = last - before
    if counter:
        seconds = (samples.times[lasts] - samples.times[lasts - 1]) / 1000.0
        change = np.where(last < before, last, change) / seconds
    values[present] = change
    return values, present


def _floats(counter: bool) -> FloatFunction:
    return lambda windows: _between_last_two(windows, counter)


IRATE = RangeFunction(_floats(counter=True), by_window(native.irate))
IDELTA = RangeFunction(_floats(counter=False), by_window(native.idelta))

FUNCTIONS = {"irate": simple(IRATE), "idelta": simple(IDELTA)}
