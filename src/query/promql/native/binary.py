"""Operators on native histograms; what cannot be combined gives an info and no sample."""

from dataclasses import replace

import numpy as np

from query.promql.annotations import incompatible_types
from query.promql.frame import Frame
from query.promql.samples import Floats
from query.promql.tree import Binary
from query.promql.vector import Vector


def with_scalar(
    node: Binary, frame: Frame, vector: Vector, scalar: Floats, scalar_left: bool, result: Vector
) -> Vector:
    """Put what the operator gives for native histograms beside the floats' results."""
    if vector.histograms_present.any():
        sides = ("float", "histogram") if scalar_left else ("histogram", "float")
        text = incompatible_types(sides[0], node.operator, sides[1])
        frame.query.annotations.inform(text, node.position)
    return replace(result, histograms=None)


def negated(vector: Vector, result: Vector) -> Vector:
    """Put native histograms with the other sign beside the floats."""
    return result


def between_vectors(
    node: Binary, frame: Frame, left: Vector, right: Vector, result: Vector
) -> Vector:
    """Put what the operator gives for pairs with native histograms beside the floats' results."""
    ours, theirs = left.histograms_present, right.histograms_present
    if np.any((ours & right.present) | (theirs & left.present)):
        text = incompatible_types("histogram", node.operator, "histogram")
        frame.query.annotations.inform(text, node.position)
    return result
