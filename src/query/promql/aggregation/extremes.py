"""min, max, quantile."""

import numpy as np

from query.promql.aggregation.groups import grouped
from query.promql.aggregation.sums import counts, ignore_histograms
from query.promql.annotations import invalid_quantile
from query.promql.frame import Frame
from query.promql.quantile import quantiles
from query.promql.tree import Aggregate
from query.promql.vector import Vector


def _extreme(node: Aggregate, frame: Frame, vector: Vector, pick: np.ufunc) -> Vector:
    vector = ignore_histograms(node, frame, vector)
    groups = grouped(node, vector)
    values = np.empty((0, frame.grid.count))
    if groups.count:
        # NaN gives way to any number, and an absent sample to anything.
        ordered = np.where(vector.present, vector.values, np.nan)[groups.order]
        values = pick.reduceat(ordered, groups.starts, axis=0)
    present = counts(groups, vector.present) > 0
    return Vector(groups.labels, values, present, groups.drop_name)


def quantile(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """A quantile of each group's samples."""
    assert node.parameter is not None
    wanted = frame.scalar(node.parameter)
    for value in np.unique(wanted[~((wanted >= 0) & (wanted <= 1))]).tolist():
        frame.query.annotations.warn(invalid_quantile(value), node.parameter.position)
    vector = ignore_histograms(node, frame, vector)
    groups = grouped(node, vector)
    values = np.empty((groups.count, frame.grid.count))
    for number in range(groups.count):
        rows = groups.rows(number)
        values[number] = quantiles(wanted, vector.values[rows].T, vector.present[rows].T)
    present = counts(groups, vector.present) > 0
    return Vector(groups.labels, values, present, groups.drop_name)


AGGREGATIONS = {
    "min": lambda node, frame, vector: _extreme(node, frame, vector, np.fmin),
    "max": lambda node, frame, vector: _extreme(node, frame, vector, np.fmax),
    "quantile": quantile,
}
