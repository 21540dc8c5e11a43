"""Operators with a scalar on one side or on both."""

from query.promql.binary.operators import COMPARISONS, TRIMS, computed
from query.promql.frame import Frame
from query.promql.native.binary import negated as negated_histograms
from query.promql.native.binary import untrimmable, with_scalar
from query.promql.samples import Floats
from query.promql.tree import Binary
from query.promql.vector import Scalar, Vector


def between_scalars(node: Binary, left: Scalar, right: Scalar) -> Scalar:
    """A number at each step."""
    return Scalar(computed(node.operator, left.values, right.values))


def vector_and_scalar(
    node: Binary, frame: Frame, vector: Vector, scalar: Floats, scalar_left: bool
) -> Vector:
    """Each sample with the scalar; a comparison without `bool` keeps what holds."""
    left, right = (scalar, vector.values) if scalar_left else (vector.values, scalar)
    values = computed(node.operator, left, right)
    if node.operator in COMPARISONS and not node.return_bool:
        result = vector.where((values != 0) & vector.floats_present)
    else:
        result = vector.mapped(values)
    if node.operator in TRIMS:
        result = untrimmable(node, frame, result)
    if vector.histograms is not None:
        result = with_scalar(node, frame, vector, scalar, scalar_left, result)
    return result.compact()


def negated(vector: Vector) -> Vector:
    """Each sample with the other sign."""
    result = vector.mapped(-vector.values)
    return result if vector.histograms is None else negated_histograms(vector, result)
