"""scalar, vector, and the bounds of the query itself."""

from collections.abc import Callable

import numpy as np

from query.promql.frame import Frame, Query
from query.promql.samples import Floats
from query.promql.tree import Call
from query.promql.vector import Scalar, Vector, of_floats


def scalar(call: Call, frame: Frame) -> Scalar:
    """The only float at a step, NaN where there is none or more than one."""
    vector = frame.vector(call.arguments[0])
    present = vector.floats_present
    alone = present.sum(axis=0) == 1
    values = np.where(present, vector.values, 0.0).sum(axis=0)
    return Scalar(np.where(alone, values, np.nan))


def vector(call: Call, frame: Frame) -> Vector:
    """A scalar as a series without labels."""
    row = frame.scalar(call.arguments[0]).reshape(1, -1)
    return of_floats([()], row, np.ones(row.shape, dtype=np.bool_), False)


def _of_query(milliseconds: Callable[[Query], int]) -> Callable[[Call, Frame], Scalar]:
    return lambda call, frame: Scalar(np.full(frame.grid.count, milliseconds(frame.query) / 1000.0))


def _of_two(pick: np.ufunc) -> Callable[[Call, Frame], Scalar]:
    def apply(call: Call, frame: Frame) -> Scalar:
        left, right = (frame.scalar(argument) for argument in call.arguments)
        found: Floats = pick(left, right)
        return Scalar(found)

    return apply


FUNCTIONS = {
    "min_of": _of_two(np.minimum),
    "max_of": _of_two(np.maximum),
    "scalar": scalar,
    "vector": vector,
    "start": _of_query(lambda query: query.start_ms),
    "end": _of_query(lambda query: query.end_ms),
    "step": _of_query(lambda query: query.step_ms),
    "range": _of_query(lambda query: query.end_ms - query.start_ms),
}
