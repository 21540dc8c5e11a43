"""Quantiles of sets of floats, NaN counting as the smallest."""

import numpy as np

from query.promql.samples import Bools, Floats


def quantiles(wanted: Floats, rows: Floats, filled: Bools) -> Floats:
    """The wanted quantile of each row's filled cells, between two of them by weight.

    Below 0 it is -Inf, above 1 +Inf, and NaN where the wanted one or the row's lack says so.
    """
    ordered = np.sort(np.where(filled, rows, np.nan), axis=1)
    counts = filled.sum(axis=1)
    # Sorting puts NaN last; the samples among them belong first.
    spoilt = counts - (~np.isnan(ordered)).sum(axis=1)
    usable = (wanted >= 0) & (wanted <= 1) & (counts > 0)
    rank = np.where(usable, wanted, 0.0) * np.maximum(counts - 1, 0)
    lower = np.floor(rank)
    weight = rank - lower
    upper = np.minimum(lower + 1, np.maximum(counts - 1, 0))

    def at(position: Floats) -> Floats:
        index = position.astype(np.int64) - spoilt
        picked = ordered[np.arange(len(ordered)), np.maximum(index, 0)]
        return np.where(index < 0, np.nan, picked)

    if not ordered.shape[1]:
        return np.full(len(wanted), np.nan)
    between = at(lower) * (1 - weight) + at(upper) * weight
    outside = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, np.nan))
    return np.where(usable, between, np.where(counts > 0, outside, np.nan))
