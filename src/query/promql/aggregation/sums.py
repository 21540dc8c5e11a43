"""sum, avg, count, group, stddev, stdvar."""

import numpy as np

from query.promql.aggregation.groups import Groups, Parts, grouped, parts
from query.promql.annotations import histogram_ignored_in_aggregation
from query.promql.compensated import add, finished, means, one_by_one
from query.promql.frame import Frame
from query.promql.native.aggregation import with_histograms
from query.promql.samples import Bools, Floats, Ints
from query.promql.tree import Aggregate
from query.promql.vector import Vector

# Groups x steps that are summed at a time, to bound what is held.
_CELLS = 1 << 20
# Pieces x steps of which so few are summed sooner as Python's numbers than as short arrays.
_FEW_CELLS = 32


def counts(groups: Groups, present: Bools) -> Ints:
    """How many series of each group have a sample at each step."""
    if not groups.count:
        return np.zeros((0, present.shape[1]), dtype=np.int64)
    ordered = present[groups.order].astype(np.int64)
    found: Ints = np.add.reduceat(ordered, groups.starts, axis=0)
    return found


def raw_totals(groups: Groups, values: Floats) -> tuple[Floats, Floats]:
    """The sum of each group at each step, and what rounding lost; absent cells are 0."""
    shape = (groups.count, values.shape[1])
    total, lost, pieces = np.zeros(shape), np.zeros(shape), parts(groups)
    width = max(1, _CELLS // max(1, len(pieces.group)))
    for first in range(0, shape[1], width):
        part = slice(first, first + width)
        total[:, part], lost[:, part] = _columns(groups, pieces, values[:, part])
    return total, lost


def _columns(groups: Groups, pieces: Parts, values: Floats) -> tuple[Floats, Floats]:
    steps = values.shape[1]
    total, lost = _walked(pieces, groups.order, values)
    if len(pieces.group) == groups.count:
        return total, lost
    whole, rest = np.zeros((groups.count, steps)), np.zeros((groups.count, steps))
    for piece, group in enumerate(pieces.group.tolist()):
        whole[group], rest[group] = add(total[piece], whole[group], rest[group])
        rest[group] += lost[piece]
    return whole, rest


def _walked(pieces: Parts, order: Ints, values: Floats) -> tuple[Floats, Floats]:
    shape = (len(pieces.group), values.shape[1])
    total, lost = np.zeros(shape), np.zeros(shape)
    if total.size < _FEW_CELLS:
        for piece, (start, size) in enumerate(
            zip(pieces.starts.tolist(), pieces.sizes.tolist(), strict=True)
        ):
            own = values[order[start : start + size]]
            for step in range(shape[1]):
                total[piece, step], lost[piece, step] = one_by_one(own[:, step].tolist())
        return total, lost
    for some, places in pieces:
        term = values[order[places]]
        if len(some) == len(total):
            total, lost = add(term, total, lost)
        else:
            total[some], lost[some] = add(term, total[some], lost[some])
    return total, lost


def _result(groups: Groups, values: Floats, present: Bools) -> Vector:
    return Vector(groups.labels, values, present, groups.drop_name)


def sum_(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """The sum of each group's samples."""
    groups, here = grouped(node, vector), vector.floats_present
    total, lost = raw_totals(groups, np.where(here, vector.values, 0.0))
    result = _result(groups, finished(total, lost), counts(groups, here) > 0)
    return with_histograms(node, frame, vector, groups, result)


def avg(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """The mean of each group's samples."""
    groups, here = grouped(node, vector), vector.floats_present
    total, lost = raw_totals(groups, np.where(here, vector.values, 0.0))
    number = counts(groups, here)
    size = np.maximum(number, 1)
    values = total / size + np.where(np.isinf(total), 0.0, lost / size)
    overflown = np.argwhere(np.isinf(total))
    for group, step in overflown.tolist():
        rows = groups.rows(group)
        terms = vector.values[rows, step][here[rows, step]]
        values[group, step] = means(terms, np.array([0]), np.array([len(terms)]))[0]
    return with_histograms(node, frame, vector, groups, _result(groups, values, number > 0))


def count(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """How many samples each group has."""
    groups = grouped(node, vector)
    number = counts(groups, vector.present)
    return _result(groups, number.astype(np.float64), number > 0)


def group(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """One for each group that has a sample."""
    groups = grouped(node, vector)
    present = counts(groups, vector.present) > 0
    return _result(groups, np.ones(present.shape), present)


def ignore_histograms(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """The floats alone, with an info where there were native histograms."""
    if vector.histograms_present.any():
        text = histogram_ignored_in_aggregation(node.operator)
        frame.query.annotations.inform(text, node.inner.position)
    return vector.floats_only().compact()


def _first_values(groups: Groups, values: Floats, present: Bools) -> Floats:
    """The first sample of each group at each step, 0 where there is none."""
    first = np.zeros((groups.count, values.shape[1]))
    for number in range(groups.count):
        rows = groups.rows(number)
        index = present[rows].argmax(axis=0)
        first[number] = values[rows[index], np.arange(values.shape[1])]
    return first


def stdvar(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """The population variance of each group's samples."""
    vector = ignore_histograms(node, frame, vector)
    groups, here = grouped(node, vector), vector.present
    # Equal samples must give exactly 0, so all are taken relative to the first one.
    first = _first_values(groups, vector.values, here)
    apart = np.where(here, vector.values - first[groups.numbers], 0.0)
    number = counts(groups, here)
    size = np.maximum(number, 1)
    mean = finished(*raw_totals(groups, apart)) / size
    squares = np.where(here, (apart - mean[groups.numbers]) ** 2, 0.0)
    return _result(groups, finished(*raw_totals(groups, squares)) / size, number > 0)


def stddev(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """The population standard deviation of each group's samples."""
    variance = stdvar(node, frame, vector)
    return Vector(variance.labels, np.sqrt(variance.values), variance.present, variance.drop_name)


AGGREGATIONS = {
    "sum": sum_,
    "avg": avg,
    "count": count,
    "group": group,
    "stdvar": stdvar,
    "stddev": stddev,
}
