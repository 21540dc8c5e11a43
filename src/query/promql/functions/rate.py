"""rate, increase, delta: from the first to the last sample, extrapolated to the window."""

import numpy as np

from query.promql.annotations import possible_non_counter
from query.promql.frame import Frame
from query.promql.functions import alike_rate, extended
from query.promql.functions.range_call import RangeFunction, call_range
from query.promql.functions.resetting import lost_to_resets
from query.promql.labels import metric_name
from query.promql.native import rate as native_rate
from query.promql.native.windows import by_window
from query.promql.samples import Bools, Floats
from query.promql.stretching import stretch
from query.promql.tree import Call, Node
from query.promql.vector import Vector
from query.promql.windows import FloatFunction, Windows

_COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")


def extrapolated(windows: Windows, counter: bool, per_second: bool) -> tuple[Floats, Bools]:
    """The change over each window of two samples or more."""
    present = windows.counts >= 2
    values = np.full(present.shape, np.nan)
    lows, lasts = windows.firsts(present), windows.lasts(present)
    samples = windows.samples
    first_values = samples.values[lows]
    change = samples.values[lasts] - first_values
    if counter:
        change = change + lost_to_resets(samples.values, lows, lasts)
    sampled = (samples.times[lasts] - samples.times[lows]) / 1000.0
    ends = windows.ends_ms(present)
    to_start = (samples.times[lows] - (ends - windows.range_ms)) / 1000.0
    to_end = (ends - samples.times[lasts]) / 1000.0
    to_zero = None
    if counter:
        rising = (change > 0) & (first_values >= 0)
        to_zero = np.where(rising, sampled * (first_values / np.where(rising, change, 1)), np.inf)
    factor = stretch(sampled, (lasts - lows).astype(np.float64), to_start, to_end, to_zero)
    if per_second:
        factor = factor / (windows.range_ms / 1000.0)
    values[present] = change * factor
    return values, present


def _floats(counter: bool, per_second: bool) -> FloatFunction:
    return lambda windows: extrapolated(windows, counter, per_second)


def _function(counter: bool, per_second: bool) -> RangeFunction:
    natives = by_window(native_rate.extrapolated(counter, per_second))
    spans = extended.change(counter, per_second)
    alike = alike_rate.change(counter, per_second)
    return RangeFunction(_floats(counter, per_second), natives, extended=spans, alike=alike)


RATE = _function(counter=True, per_second=True)
INCREASE = _function(counter=True, per_second=False)
DELTA = _function(counter=False, per_second=False)


def _hint_non_counters(vector: Vector, frame: Frame, argument: Node) -> None:
    some = vector.floats_present.any(axis=1)
    names = {metric_name(vector.labels[row]) for row in np.flatnonzero(some).tolist()}
    for name in sorted(names):
        if name and not name.endswith(_COUNTER_SUFFIXES):
            frame.query.annotations.inform(possible_non_counter(name), argument.position)


def _of_counter(function: RangeFunction, call: Call, frame: Frame) -> Vector:
    vector = call_range(frame, call.arguments[0], function)
    _hint_non_counters(vector, frame, call.arguments[0])
    return vector


def rate(call: Call, frame: Frame) -> Vector:
    """Per-second rise of a counter."""
    return _of_counter(RATE, call, frame)


def increase(call: Call, frame: Frame) -> Vector:
    """Rise of a counter over the window."""
    return _of_counter(INCREASE, call, frame)


def delta(call: Call, frame: Frame) -> Vector:
    """Difference of a gauge over the window."""
    return call_range(frame, call.arguments[0], DELTA)


FUNCTIONS = {"rate": rate, "increase": increase, "delta": delta}
