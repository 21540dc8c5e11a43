"""topk, bottomk, limitk: some samples of each group, with all their labels."""

from collections.abc import Callable

import numpy as np

from query.promql.aggregation.groups import Groups, grouped
from query.promql.aggregation.sums import ignore_histograms
from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.samples import Bools, Floats, Ints
from query.promql.tree import Aggregate
from query.promql.vector import Vector

_INT64_LIMIT = float(1 << 63)


def sizes(node: Aggregate, frame: Frame) -> Ints:
    """How many samples are wanted at each step. Raises PromqlError for what is no count."""
    assert node.parameter is not None
    wanted = frame.scalar(node.parameter)
    for value in wanted.tolist():
        if value != value:
            raise PromqlError("Parameter value is NaN")
        if value >= _INT64_LIMIT:
            raise PromqlError(f"Scalar value {value:g} overflows int64")
        if value <= -_INT64_LIMIT:
            raise PromqlError(f"Scalar value {value:g} underflows int64")
    return wanted.astype(np.int64)


def _ranks(values: Floats, present: Bools, falling: bool) -> Ints:
    """The place of each sample of a group at each step, NaN behind all numbers."""
    lacking = np.where(present, np.isnan(values).astype(np.int64), 2)
    key = np.where(lacking == 0, -values if falling else values, 0.0)
    order = np.lexsort((key, lacking), axis=0)
    ranks = np.empty_like(order)
    places = np.broadcast_to(np.arange(len(order))[:, None], order.shape)
    np.put_along_axis(ranks, order, places, axis=0)
    return ranks


def _arrival(present: Bools) -> Ints:
    """The place of each sample by the order of the series."""
    places: Ints = np.cumsum(present, axis=0) - 1
    return places


def _first(
    vector: Vector, groups: Groups, wanted: Ints, rank: Callable[[Floats, Bools], Ints]
) -> tuple[Vector, Ints]:
    """The samples with the first ranks, and all ranks."""
    ranks = np.zeros(vector.present.shape, dtype=np.int64)
    for number in range(groups.count):
        rows = groups.rows(number)
        ranks[rows] = rank(vector.values[rows], vector.present[rows])
    return vector.where(ranks < wanted), ranks


def _top(node: Aggregate, frame: Frame, vector: Vector, falling: bool) -> Vector:
    wanted = sizes(node, frame)
    vector = ignore_histograms(node, frame, vector)
    groups = grouped(node, vector)
    chosen, ranks = _first(
        vector, groups, wanted, lambda values, present: _ranks(values, present, falling)
    )
    if frame.grid.count == 1:
        order = np.lexsort((ranks[:, 0], groups.numbers))
        return chosen.rows(order[chosen.present[order, 0]])
    return chosen.compact()


def limitk(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """Any so many samples of each group, the same ones each time."""
    wanted = sizes(node, frame)
    groups = grouped(node, vector)
    chosen, _ = _first(vector, groups, wanted, lambda values, present: _arrival(present))
    return chosen.compact()


AGGREGATIONS = {
    "topk": lambda node, frame, vector: _top(node, frame, vector, falling=True),
    "bottomk": lambda node, frame, vector: _top(node, frame, vector, falling=False),
    "limitk": limitk,
}
