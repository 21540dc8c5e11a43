"""Classic histograms: their bucket series put together, many histograms at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from query.promql.labels import BUCKET_BOUND, Labels, get, without
from query.promql.samples import Bools, Floats
from query.promql.vector import Vector

# Buckets x histograms x steps that are taken at a time, to bound what is held.
_CELLS = 1 << 21


@dataclass(frozen=True, slots=True)
class Histograms:
    """Histograms with the same bounds.

    `counts` and `present` are buckets x histograms x steps, cumulative and in the order of the
    bounds; the last bound is +Inf or the histograms are broken.
    """

    labels: list[Labels]
    bounds: list[float]
    counts: Floats
    present: Bools


def bound_of(labels: Labels) -> float | None:
    """A bucket's upper bound, None where its label is missing or no number."""
    text = get(labels, BUCKET_BOUND)
    try:
        return float(text) if text and "_" not in text and text == text.strip() else None
    except ValueError:
        return None


def grouped(vector: Vector) -> Iterator[Histograms]:
    """The histograms that the series with a usable bound make up."""
    rows: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(vector.labels):
        bound = bound_of(labels)
        if bound is not None:
            rows.setdefault(without(labels, (BUCKET_BOUND,)), []).append((bound, row))
    alike: dict[tuple[float, ...], list[tuple[Labels, list[int]]]] = {}
    for labels, buckets in rows.items():
        buckets.sort()
        bounds = tuple(bound for bound, _ in buckets)
        alike.setdefault(bounds, []).append((labels, [row for _, row in buckets]))
    for bounds, members in alike.items():
        size = max(1, _CELLS // (len(bounds) * max(1, vector.present.shape[1])))
        for first in range(0, len(members), size):
            yield _stacked(vector, bounds, members[first : first + size])


def _stacked(
    vector: Vector, bounds: tuple[float, ...], members: list[tuple[Labels, list[int]]]
) -> Histograms:
    index = np.array([rows for _, rows in members]).T
    counts, present = vector.values[index], vector.floats_present[index]
    counts = np.where(present, counts, 0.0)
    starts = [i for i, bound in enumerate(bounds) if i == 0 or bound != bounds[i - 1]]
    if len(starts) < len(bounds):
        counts = np.add.reduceat(counts, starts, axis=0)
        present = np.logical_or.reduceat(present, starts, axis=0)
    labels = [labels for labels, _ in members]
    return Histograms(labels, [bounds[i] for i in starts], counts, present)


def whole(histograms: Histograms) -> Bools:
    """Where the bucket without an upper bound is there, which holds the count of all."""
    if histograms.bounds[-1] != np.inf:
        return np.zeros(histograms.present.shape[1:], dtype=np.bool_)
    there: Bools = histograms.present[-1]
    return there
