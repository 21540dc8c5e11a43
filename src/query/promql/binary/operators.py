"""What each operator does with two floats."""

from collections.abc import Callable

import numpy as np

from query.promql.samples import Bools, Floats

ARITHMETIC: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}

COMPARISONS: dict[str, Callable[[Floats, Floats], Bools]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}

# Native histograms without what is above or below a float.
TRIMS = frozenset({"</", ">/"})

SETS = frozenset({"and", "or", "unless"})


def computed(operator: str, left: Floats, right: Floats) -> Floats:
    """The operator's number; a comparison gives 1 or 0."""
    if operator in COMPARISONS:
        return COMPARISONS[operator](left, right).astype(np.float64)
    if operator in TRIMS:
        return np.full(np.broadcast_shapes(np.shape(left), np.shape(right)), np.nan)
    return ARITHMETIC[operator](left, right)
