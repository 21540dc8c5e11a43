"""fill, fill_left, fill_right: a sample for what one side lacks."""

import numpy as np

from query.promql.binary.sets import stacked
from query.promql.binary.signatures import Signatures, any_present, matched_labels
from query.promql.samples import Bools, Ints
from query.promql.tree import Matching
from query.promql.vector import Vector, of_floats


def filled(
    matching: Matching, numbers: Signatures, left: Vector, right: Vector
) -> tuple[Vector, Vector]:
    """Both sides, each with samples wherever only the other one has some."""
    here = any_present(numbers.left, numbers.count, left.present)
    there = any_present(numbers.right, numbers.count, right.present)
    full_left, full_right = left, right
    if matching.fill_left is not None:
        own = _first_rows(numbers.right, numbers.count)
        full_left = _with(matching, left, right, own, there & ~here, matching.fill_left)
    if matching.fill_right is not None:
        own = _first_rows(numbers.left, numbers.count)
        full_right = _with(matching, right, left, own, here & ~there, matching.fill_right)
    return full_left, full_right


def _first_rows(numbers: Ints, count: int) -> Ints:
    rows = np.full(count, -1)
    rows[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return rows


def _with(
    matching: Matching, side: Vector, other: Vector, rows: Ints, lacking: Bools, value: float
) -> Vector:
    """One side and a series for each signature that lacks a sample at some step."""
    some = np.flatnonzero(lacking.any(axis=1))
    labels = [matched_labels(matching, other.labels[row]) for row in rows[some].tolist()]
    present = lacking[some]
    extra = of_floats(labels, np.full(present.shape, value), present, False)
    return stacked(side, extra)
