"""Sums and means of native histograms."""

from dataclasses import replace

import numpy as np

from query.promql.aggregation.groups import Groups
from query.promql.annotations import mixed_floats_histograms_aggregation
from query.promql.frame import Frame
from query.promql.tree import Aggregate
from query.promql.vector import Vector


def with_histograms(
    node: Aggregate, frame: Frame, vector: Vector, groups: Groups, result: Vector
) -> Vector:
    """Put what `sum` and `avg` give for native histograms beside the floats' results."""
    if vector.histograms is None:
        return result
    natives = vector.histograms_present[groups.order].astype(np.int64)
    held = np.add.reduceat(natives, groups.starts, axis=0) > 0
    if (held & result.present).any():
        text = mixed_floats_histograms_aggregation()
        frame.query.annotations.warn(text, node.inner.position)
    return replace(result, present=result.present & ~held)
