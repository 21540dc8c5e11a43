"""Sums and means of native histograms."""

from dataclasses import replace

import numpy as np

from query.promql import annotations as notes
from query.promql.aggregation.groups import Groups
from query.promql.frame import Frame
from query.promql.native.arithmetic import divided, total
from query.promql.native.histogram import Histogram
from query.promql.native.layout import IncompatibleSchemas
from query.promql.tree import Aggregate
from query.promql.vector import Vector, no_histograms


def with_histograms(
    node: Aggregate, frame: Frame, vector: Vector, groups: Groups, result: Vector
) -> Vector:
    """Put what `sum` and `avg` give for native histograms beside the floats' results."""
    if vector.histograms is None or not groups.count:
        return result
    natives = vector.histograms_present
    held = np.logical_or.reduceat(natives[groups.order], groups.starts, axis=0)
    if (held & result.present).any():
        frame.query.annotations.warn(
            notes.mixed_floats_histograms_aggregation(), node.inner.position
        )
    cells, present = no_histograms(result.values.shape), result.present & ~held
    for group, step in np.argwhere(held & ~result.present).tolist():
        rows = groups.rows(group)
        members = vector.histograms[rows[natives[rows, step]], step]
        cells[group, step] = found = _combined(node, frame, list(members))
        present[group, step] = found is not None
    return replace(result, present=present, histograms=cells)


def _combined(node: Aggregate, frame: Frame, members: list[Histogram]) -> Histogram | None:
    told, position = frame.query.annotations, node.inner.position
    try:
        found = total(members)
    except IncompatibleSchemas:
        told.warn(notes.mixed_exponential_custom(""), position)
        return None
    if found.contradicting:
        told.warn(notes.conflicting_resets("aggregation"), position)
    if found.rebound:
        told.inform(notes.reconciled_buckets("aggregation"), position)
    whole = found.histogram
    return divided(whole, float(len(members))) if node.operator == "avg" else whole
