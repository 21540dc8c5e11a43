"""Exponential histograms as native ones, many points at once, as columns."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from goldeneye.errors import InvalidRequest

MIN_SCHEMA: Final = -4
MAX_SCHEMA: Final = 8
DEFAULT_ZERO_THRESHOLD: Final = 1e-128

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DenseSide:
    """The positive or negative buckets as OTLP has them, of all points one after the other."""

    offsets: Integers
    # How many of `counts` are each point's.
    lengths: Integers
    counts: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class SparseSide:
    """Buckets that are not empty, by point and rising index.

    A bucket of schema s and index i ends at 2^(i * 2^-s), inclusive. Those of point p are
    `starts[p]:starts[p + 1]` of `indices` and `counts`.
    """

    starts: Integers
    indices: Integers
    counts: Floats


@dataclass(frozen=True, slots=True)
class NativeHistograms:
    """Count, sum and zero count are what the points have, and not repeated here."""

    schemas: Integers
    zero_thresholds: Floats
    positive: SparseSide
    negative: SparseSide


def native_histograms(
    scales: Integers, zero_thresholds: Floats, positive: DenseSide, negative: DenseSide
) -> NativeHistograms:
    """Finer scales than 8 are merged down to it. A threshold of 0 or NaN is not said.

    Raises InvalidRequest for a scale below -4, which has no native histogram.
    """
    if len(scales) and (lowest := int(scales.min())) < MIN_SCHEMA:
        raise InvalidRequest(
            "cannot convert exponential to native histogram. "
            f"Scale must be >= {MIN_SCHEMA}, was {lowest}"
        )
    merged = np.maximum(scales.astype(np.int64) - MAX_SCHEMA, 0)
    return NativeHistograms(
        schemas=np.minimum(scales, MAX_SCHEMA).astype(np.int64),
        zero_thresholds=np.where(zero_thresholds > 0, zero_thresholds, DEFAULT_ZERO_THRESHOLD),
        positive=_sparse(positive, merged),
        negative=_sparse(negative, merged),
    )


def _sparse(side: DenseSide, merged: Integers) -> SparseSide:
    """OTLP's bucket 0 begins at 1, the native one ends there: hence one more."""
    points = np.repeat(np.arange(len(side.lengths), dtype=np.int64), side.lengths)
    begins = np.cumsum(side.lengths, dtype=np.int64) - side.lengths
    filled = np.flatnonzero(side.counts)
    points = points[filled]
    dense = filled - begins[points] + side.offsets[points].astype(np.int64)
    indices = (dense >> merged[points]) + 1
    first = np.flatnonzero(_changes(points) | _changes(indices))
    counts = side.counts[filled].astype(np.float64)
    kept = points[first]
    return SparseSide(
        starts=np.searchsorted(kept, np.arange(len(side.lengths) + 1)).astype(np.int64),
        indices=indices[first],
        counts=np.add.reduceat(counts, first) if len(first) else counts,
    )


def _changes(values: Integers) -> npt.NDArray[np.bool_]:
    changes = np.ones(len(values), dtype=np.bool_)
    changes[1:] = values[1:] != values[:-1]
    return changes
