"""rate, increase and delta of series with the same times: what is extrapolated is told once a step.

Digits are those of query.promql.functions.rate, which adds and divides in the same order.
"""

import numpy as np

from query.promql.alike import AlikeFunction, AlikeWindows
from query.promql.samples import Bools, Floats
from query.promql.stretching import reaches


def change(counter: bool, per_second: bool) -> AlikeFunction:
    """See rate.extrapolated; of counters those without resets."""

    def apply(windows: AlikeWindows) -> tuple[Floats, Bools]:
        return _extrapolated(windows, counter, per_second)

    return AlikeFunction(_never_falls if counter else _any, apply)


def _any(values: Floats) -> Bools:
    return np.ones(len(values), dtype=np.bool_)


def _never_falls(values: Floats) -> Bools:
    """Neither reset, nor begun below 0, nor ever NaN."""
    found: Bools = np.logical_and.reduce(values[:, 1:] >= values[:, :-1], axis=1)
    return found & (values[:, 0] >= 0)


def _extrapolated(windows: AlikeWindows, counter: bool, per_second: bool) -> tuple[Floats, Bools]:
    present = windows.highs - windows.lows >= 2
    lows, lasts = windows.lows[present], windows.highs[present] - 1
    times, ends = windows.times, windows.grid.times[present]
    sampled = (times[lasts] - times[lows]) / 1000.0
    to_start, to_end = reaches(
        sampled / (lasts - lows).astype(np.float64),
        (times[lows] - (ends - windows.range_ms)) / 1000.0,
        (ends - times[lasts]) / 1000.0,
    )
    firsts = windows.values[:, lows]
    changes = windows.values[:, lasts] - firsts
    if counter:
        # Nothing was lost to resets, but adding it makes a 0 of -0.
        changes += 0.0
        factor = _to_zero(firsts, changes, sampled, to_start)
        factor += sampled
    else:
        factor = sampled + to_start
    factor = factor + to_end
    factor /= sampled
    if per_second:
        factor /= windows.range_ms / 1000.0
    changes *= factor
    if present.all():
        return changes, present
    values = np.full((len(changes), len(present)), np.nan)
    values[:, present] = changes
    return values, present


def _to_zero(firsts: Floats, changes: Floats, sampled: Floats, to_start: Floats) -> Floats:
    """How far each goes on before the first sample: not beyond where it was 0."""
    reached: Floats = firsts / changes
    reached *= sampled
    # Without a change it is no number, or infinite.
    return np.fmin(reached, to_start, out=reached)
