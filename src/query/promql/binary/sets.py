"""and, or, unless."""

from dataclasses import replace

import numpy as np

from query.promql.binary.signatures import any_present, signatures
from query.promql.merging import merged
from query.promql.tree import Binary
from query.promql.vector import Vector, no_histograms


def combined(node: Binary, left: Vector, right: Vector) -> Vector:
    """Samples of the left side, and for `or` of the right one, by what the other side has."""
    numbers = signatures(node.matching, left.labels, right.labels)
    if node.operator == "or":
        there = any_present(numbers.left, numbers.count, left.present)
        return merged(stacked(left, right.where(~there[numbers.right]).compact()))
    there = any_present(numbers.right, numbers.count, right.present)[numbers.left]
    return left.where(there if node.operator == "and" else ~there).compact()


def stacked(first: Vector, second: Vector) -> Vector:
    """The series of one vector and then those of another."""
    histograms = None
    if first.histograms is not None or second.histograms is not None:
        parts = [
            no_histograms(part.values.shape) if part.histograms is None else part.histograms
            for part in (first, second)
        ]
        histograms = np.concatenate(parts)
    return replace(
        first,
        labels=[*first.labels, *second.labels],
        values=np.concatenate((first.values, second.values)),
        present=np.concatenate((first.present, second.present)),
        drop_name=np.concatenate((first.drop_name, second.drop_name)),
        histograms=histograms,
    )
