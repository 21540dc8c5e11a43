"""Quantiles and fractions of classic histograms, linear inside a bucket."""

import sys

import numpy as np

from query.promql.buckets import Histograms, whole
from query.promql.samples import Bools, Floats

# Relative difference of neighbouring counts that is rounding and no decrease.
_ROUNDING = 1e-12
_TINY = sys.float_info.min


def _almost_equal(left: Floats, right: Floats) -> Bools:
    size, apart = np.abs(left) + np.abs(right), np.abs(left - right)
    near_zero = (left == 0) | (right == 0) | (size < _TINY)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = apart / np.minimum(size, sys.float_info.max) < _ROUNDING
    found: Bools = np.where(near_zero, apart < _ROUNDING * _TINY, relative)
    return found


def monotonic(histograms: Histograms) -> tuple[Floats, Bools]:
    """The counts without decreases, and where there was one beyond rounding."""
    counts = histograms.counts.copy()
    forced = np.zeros(counts.shape[1:], dtype=np.bool_)
    before, seen = np.zeros(counts.shape[1:]), np.zeros(counts.shape[1:], dtype=np.bool_)
    for bucket, here in zip(counts, histograms.present, strict=True):
        compared = here & seen & (bucket != before)
        close = compared & _almost_equal(before, bucket)
        fallen = compared & ~close & (bucket < before)
        bucket[...] = np.where(close | fallen, before, bucket)
        forced |= fallen
        before = np.where(here, bucket, before)
        seen |= here
    return counts, forced


def quantile(histograms: Histograms, counts: Floats, wanted: Floats) -> Floats:
    """The quantile of each histogram at each step; `counts` as `monotonic` gives them."""
    shape = counts.shape[1:]
    observed, usable = counts[-1], whole(histograms) & (histograms.present.sum(axis=0) >= 2)
    rank = wanted * observed
    found = np.zeros(shape, dtype=np.bool_)
    result, below_bound, below_count = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape)
    first = np.ones(shape, dtype=np.bool_)
    for index, bound in enumerate(histograms.bounds[:-1]):
        here, count = histograms.present[index], counts[index]
        hit = here & ~found & (count >= rank)
        share = (rank - below_count) / (count - below_count)
        inside = below_bound + (bound - below_bound) * share
        if bound <= 0:
            inside = np.where(first, bound, inside)
        result = np.where(hit, inside, result)
        found |= hit
        below_bound = np.where(here, bound, below_bound)
        below_count = np.where(here, count, below_count)
        first &= ~here
    result = np.where(found, result, below_bound)
    result = np.where(usable & (observed != 0), result, np.nan)
    outside = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, np.nan))
    return np.where((wanted >= 0) & (wanted <= 1), result, outside)


def _rank(histograms: Histograms, edge: Floats) -> Floats:
    """How many observations lie below an edge, as far as the buckets tell."""
    shape = histograms.counts.shape[1:]
    edges = np.broadcast_to(edge, shape)
    rank, below = np.full(shape, np.nan), np.zeros(shape)
    lower = np.full(shape, -np.inf)
    first, done = np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for bound, count, here in zip(
        histograms.bounds, histograms.counts, histograms.present, strict=True
    ):
        if bound > 0:
            lower = np.where(first & here, 0.0, lower)
        at_edge = here & ~done & (lower >= edges)
        inside = here & ~done & ~at_edge & (bound > edges)
        share = (edges - lower) / (bound - lower)
        between = np.where(np.isneginf(lower), count, below + (count - below) * share)
        rank = np.where(at_edge, below, np.where(inside, between, rank))
        done |= at_edge | inside
        below, lower = np.where(here, count, below), np.where(here, bound, lower)
        first &= ~here
    total = histograms.counts[-1]
    return np.where(done & ~(rank > total), rank, total)


def fraction(histograms: Histograms, lower: Floats, upper: Floats) -> Floats:
    """The share of observations between two values."""
    total = histograms.counts[-1]
    share = (_rank(histograms, upper) - _rank(histograms, lower)) / total
    share = np.where(lower >= upper, 0.0, share)
    unknown = np.isnan(lower) | np.isnan(upper) | (total == 0) | ~whole(histograms)
    return np.where(unknown, np.nan, share)
