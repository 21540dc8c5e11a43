"""Functions of each float on its own."""

from collections.abc import Callable

import numpy as np

from query.promql.frame import Frame
from query.promql.samples import Floats
from query.promql.tree import Call
from query.promql.vector import Scalar, Vector

# The nearest floats to the logarithms of e.
_LOG2_E, _LOG10_E = 1.4426950408889634, 0.4342944819032518


def _each(function: Callable[[Floats], Floats]) -> Callable[[Call, Frame], Vector]:
    def apply(call: Call, frame: Frame) -> Vector:
        vector = frame.vector(call.arguments[0])
        return vector.mapped(function(vector.values)).compact()

    return apply


def round_(call: Call, frame: Frame) -> Vector:
    """To the nearest multiple, halves upwards."""
    vector = frame.vector(call.arguments[0])
    nearest = frame.scalar(call.arguments[1]) if len(call.arguments) > 1 else np.float64(1)
    inverse = 1.0 / nearest
    return vector.mapped(np.floor(vector.values * inverse + 0.5) / inverse).compact()


def clamp(call: Call, frame: Frame) -> Vector:
    """Between two bounds; nothing where the lower one is above the upper."""
    vector = frame.vector(call.arguments[0])
    low, high = frame.scalar(call.arguments[1]), frame.scalar(call.arguments[2])
    clamped = vector.mapped(np.maximum(low, np.minimum(high, vector.values)))
    return clamped.where(np.broadcast_to(~(high < low), vector.present.shape)).compact()


def clamp_min(call: Call, frame: Frame) -> Vector:
    """Not below a bound."""
    vector = frame.vector(call.arguments[0])
    return vector.mapped(np.maximum(frame.scalar(call.arguments[1]), vector.values)).compact()


def clamp_max(call: Call, frame: Frame) -> Vector:
    """Not above a bound."""
    vector = frame.vector(call.arguments[0])
    return vector.mapped(np.minimum(frame.scalar(call.arguments[1]), vector.values)).compact()


def pi(call: Call, frame: Frame) -> Scalar:
    """The circle's number at each step."""
    return Scalar(np.full(frame.grid.count, np.pi))


def _radians(values: Floats) -> Floats:
    return values * np.pi / 180


def _degrees(values: Floats) -> Floats:
    return values * 180 / np.pi


def _log2(values: Floats) -> Floats:
    """Exact for powers of two; of the others the logarithm of the mantissa, as in Go."""
    mantissa, exponent = np.frexp(values)
    return np.where(mantissa == 0.5, exponent - 1.0, np.log(mantissa) * _LOG2_E + exponent)


def _log10(values: Floats) -> Floats:
    return np.log(values) * _LOG10_E


def _sign(values: Floats) -> Floats:
    """A zero keeps its own."""
    return np.where(values == 0, values, np.sign(values))


FUNCTIONS = {
    "abs": _each(np.abs),
    "ceil": _each(np.ceil),
    "floor": _each(np.floor),
    "exp": _each(np.exp),
    "sqrt": _each(np.sqrt),
    "ln": _each(np.log),
    "log2": _each(_log2),
    "log10": _each(_log10),
    "sgn": _each(_sign),
    "sin": _each(np.sin),
    "cos": _each(np.cos),
    "tan": _each(np.tan),
    "asin": _each(np.arcsin),
    "acos": _each(np.arccos),
    "atan": _each(np.arctan),
    "sinh": _each(np.sinh),
    "cosh": _each(np.cosh),
    "tanh": _each(np.tanh),
    "asinh": _each(np.arcsinh),
    "acosh": _each(np.arccosh),
    "atanh": _each(np.arctanh),
    "rad": _each(_radians),
    "deg": _each(_degrees),
    "round": round_,
    "clamp": clamp,
    "clamp_min": clamp_min,
    "clamp_max": clamp_max,
    "pi": pi,
}
