"""rate, increase, delta of native histograms."""

import math

from query.promql import annotations as notes
from query.promql.native.arithmetic import combine
from query.promql.native.histogram import CUSTOM_BUCKETS, Histogram, ResetHint
from query.promql.native.layout import IncompatibleSchemas, coarser
from query.promql.native.range_functions import difference, rescaled
from query.promql.native.windows import CellFunction, Value, Window
from query.promql.stretching import stretch_one


def extrapolated(counter: bool, per_second: bool) -> CellFunction:
    """The change over a window, extrapolated to its edges."""

    def apply(window: Window) -> Value | None:
        if window.high - window.low < 2:
            return None
        if window.is_mixed:
            window.warn(notes.mixed_floats_histograms(window.name))
            return None
        values = window.histograms
        found = _change(window, values, counter)
        if found is None:
            return None
        factor = _factor(window, values[0], found, counter)
        return rescaled(found, factor / (window.range_ms / 1000.0) if per_second else factor)

    return apply


def _factor(window: Window, first: Histogram, change: Histogram, counter: bool) -> float:
    start, end = window.series.time(window.low), window.series.time(window.high - 1)
    sampled = (end - start) / 1000.0
    to_start = (start - (window.end_ms - window.range_ms)) / 1000.0
    to_end = (window.end_ms - end) / 1000.0
    to_zero = math.inf
    if counter and change.count > 0 and first.count >= 0:
        to_zero = sampled * (first.count / change.count)
    return stretch_one(sampled, window.high - window.low - 1, to_start, to_end, to_zero)


def _change(window: Window, values: list[Histogram], counter: bool) -> Histogram | None:
    resets = window.series.reset_before[window.low : window.high]
    _note_kind(window, values, counter)
    start = values[0]
    if counter and resets[1]:
        # The first sample is before a reset, so its layout does not matter.
        start = Histogram(schema=values[1].schema, custom_bounds=values[1].custom_bounds)
    schemas = {start.schema, values[-1].schema}
    if counter:
        schemas |= {value.schema for value in values[1:]}
    if CUSTOM_BUCKETS in schemas and len(schemas) > 1:
        window.warn(notes.mixed_exponential_custom(window.name))
        return None
    change = difference(window, coarser(values[-1], min(schemas)), start)
    if change is None or not counter:
        return change
    return _with_resets(window, change, [start, *values[1:]], resets) if any(resets[1:]) else change


def _with_resets(
    window: Window, change: Histogram, values: list[Histogram], resets: list[bool]
) -> Histogram | None:
    for before, reset in zip(values, resets[1:], strict=False):
        if reset:
            try:
                found = combine(change, before, 1.0)
            except IncompatibleSchemas:
                window.warn(notes.mixed_exponential_custom(window.name))
                return None
            if found.rebound:
                window.inform(notes.reconciled_buckets("addition"))
            change = found.histogram
    return change


def _note_kind(window: Window, values: list[Histogram], counter: bool) -> None:
    if counter and any(value.hint is ResetHint.GAUGE for value in values):
        window.warn(notes.not_a_counter(window.name))
    edges = (values[0], values[-1])
    if not counter and any(value.hint is not ResetHint.GAUGE for value in edges):
        window.warn(notes.not_a_gauge(window.name))
