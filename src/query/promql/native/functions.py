"""What functions of an instant vector make of native histograms."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from query.promql.labels import Labels
from query.promql.native.estimates import variance
from query.promql.native.histogram import Histogram
from query.promql.samples import Bools
from query.promql.vector import Vector, of_floats

Estimate = Callable[[Histogram, int, Labels], float]
"""A number for a histogram, given the step and the series' labels."""


def estimated(vector: Vector, mixed: Mapping[Labels, Bools], estimate: Estimate) -> Vector:
    """A number for each native histogram, but where classic buckets have the same labels."""
    rows = np.flatnonzero(np.logical_or.reduce(vector.histograms_present, axis=1))
    held = vector.histograms_present[rows]
    labels = [vector.labels[row] for row in rows.tolist()]
    for row, own in enumerate(labels):
        if own in mixed:
            held[row] &= ~mixed[own]
    values = np.full(held.shape, np.nan)
    for row, step in np.argwhere(held).tolist():
        assert vector.histograms is not None
        values[row, step] = estimate(vector.histograms[rows[row], step], step, labels[row])
    return of_floats(labels, values, held, True).compact()


def _mean(histogram: Histogram) -> float:
    return histogram.sum / histogram.count if histogram.count else math.nan


PROPERTIES: dict[str, Callable[[Histogram], float]] = {
    "histogram_avg": _mean,
    "histogram_count": lambda histogram: histogram.count,
    "histogram_sum": lambda histogram: histogram.sum,
    "histogram_stdvar": variance,
    "histogram_stddev": lambda histogram: math.sqrt(variance(histogram)),
}
