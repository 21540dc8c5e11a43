"""Deltas as a counter: what was read of a series, summed up from where reading began."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from query.promql.samples import Floats, Ints, Ragged, is_stale


def accumulated(samples: Ragged, starts_ms: Ints) -> Ragged:
    """Each value and all before it; where the first began, which `starts_ms` says, stands a zero.

    A start of 0 is not known. Values that are no finite numbers add nothing; stale markers stay.
    """
    values = samples.values
    added = np.where(np.isfinite(values), values, 0.0)
    # Whole numbers stay whole: sums over all series have 64 bits here.
    sums = np.concatenate(([0], np.cumsum(added, dtype=np.longdouble)))
    lengths = np.diff(samples.offsets)
    before = np.repeat(sums[samples.offsets[:-1]], lengths)
    counted: Floats = (sums[1:] - before).astype(np.float64)
    stale = is_stale(values)
    counted[stale] = values[stale]
    return with_zeros(Ragged(samples.offsets, samples.times, counted), starts_ms, _zeros)


def _zeros(firsts: NDArray[Any]) -> Floats:
    return np.zeros(len(firsts))


def with_zeros(
    samples: Ragged, starts_ms: Ints, zeros: Callable[[NDArray[Any]], Sequence[Any] | Floats]
) -> Ragged:
    """With a first sample, which `zeros` makes of the one after it, where each series began."""
    filled = np.flatnonzero(np.diff(samples.offsets))
    firsts = samples.offsets[filled]
    known = (starts_ms[firsts] > 0) & (starts_ms[firsts] < samples.times[firsts])
    if samples.values.dtype != np.object_:
        known &= ~is_stale(samples.values[firsts])
    places = firsts[known]
    more = np.zeros(len(samples.offsets) - 1, dtype=np.int64)
    more[filled[known]] = 1
    return Ragged(
        samples.offsets + np.concatenate(([0], np.cumsum(more))),
        np.insert(samples.times, places, starts_ms[places]),
        np.insert(samples.values, places, zeros(samples.values[places])),
    )
