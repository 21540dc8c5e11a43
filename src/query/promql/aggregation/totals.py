"""Sums, counts and means of groups, of which more and more series come."""

import numpy as np

from query.promql.aggregation.groups import grouped
from query.promql.aggregation.sums import counts, raw_totals
from query.promql.compensated import add, finished
from query.promql.labels import Labels
from query.promql.samples import Bools, Floats, Ints
from query.promql.tree import Aggregate
from query.promql.vector import Vector


class Totals:
    """Of floats: vectors have no native histograms."""

    def __init__(self, node: Aggregate) -> None:
        self._node = node
        self._numbers: dict[Labels, int] = {}
        self._total: Floats = np.empty((0, 0))
        self._lost: Floats = np.empty((0, 0))
        self._counts: Ints = np.empty((0, 0), dtype=np.int64)
        self._dropped: Bools = np.empty(0, dtype=np.bool_)

    def add(self, vector: Vector) -> None:
        """More series, each with its samples."""
        groups, here = grouped(self._node, vector), vector.present
        total, lost = raw_totals(groups, np.where(here, vector.values, 0.0))
        number = counts(groups, here)
        rows = self._rows(list(groups.labels), here.shape[1])
        whole, rest = add(total, self._total[rows], self._lost[rows])
        self._total[rows], self._lost[rows] = whole, rest + lost
        self._counts[rows] += number
        self._dropped[rows] |= groups.drop_name

    def _rows(self, labels: list[Labels], steps: int) -> Ints:
        """The groups' places, made where there are none yet."""
        places = [self._numbers.setdefault(one, len(self._numbers)) for one in labels]
        new = len(self._numbers) - len(self._total)
        if new:
            empty = np.zeros((new, steps))
            self._total = np.concatenate((self._total.reshape(-1, steps), empty))
            self._lost = np.concatenate((self._lost.reshape(-1, steps), empty))
            more = np.zeros((new, steps), dtype=np.int64)
            self._counts = np.concatenate((self._counts.reshape(-1, steps), more))
            self._dropped = np.concatenate((self._dropped, np.zeros(new, dtype=np.bool_)))
        return np.array(places, dtype=np.int64)

    def vector(self) -> Vector | None:
        """What `sum`, `count` or `avg` gives; None for means whose sums are too large, which take
        all samples at once."""
        present = self._counts > 0
        if self._node.operator == "count":
            values = self._counts.astype(np.float64)
        elif self._node.operator == "sum":
            values = finished(self._total, self._lost)
        elif np.isinf(self._total).any():
            return None
        else:
            size = np.maximum(self._counts, 1)
            values = self._total / size + self._lost / size
        return Vector(list(self._numbers), values, present, self._dropped)
