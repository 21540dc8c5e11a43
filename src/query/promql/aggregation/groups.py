"""Which series an aggregation puts together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from query.promql.labels import METADATA, Labels, only, without
from query.promql.merging import numbered
from query.promql.samples import Bools, Ints
from query.promql.tree import Aggregate
from query.promql.vector import Vector

# Longer groups are summed in parts side by side, so that a group of 100,000 is no long loop.
_PART = 512


def group_labels(node: Aggregate, labels: Labels) -> Labels:
    """The labels of the group that a series belongs to."""
    if node.without:
        return without(labels, {*node.labels, *METADATA})
    return only(labels, node.labels)


@dataclass(frozen=True, slots=True)
class Groups:
    """Series put in groups: `order` are their rows, group i is `order[starts[i]:ends[i]]`.

    Inside a group rows stay in the order of the vector.
    """

    labels: Sequence[Labels]
    numbers: Ints
    order: Ints
    starts: Ints
    ends: Ints
    drop_name: Bools

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.labels)

    def rows(self, group: int) -> Ints:
        """The rows of one group."""
        return self.order[self.starts[group] : self.ends[group]]


def grouped(node: Aggregate, vector: Vector) -> Groups:
    """The groups of a vector's series."""
    keys = [group_labels(node, labels) for labels in vector.labels]
    numbers, count = numbered(keys)
    order = np.argsort(numbers, kind="stable")
    sizes = np.bincount(numbers, minlength=count)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    firsts = order[starts] if count else order
    labels = [keys[row] for row in firsts.tolist()]
    # One member that is to lose its name is enough for the group to lose it.
    dropped = np.zeros(count, dtype=np.bool_)
    dropped[numbers[vector.drop_name]] = True
    return Groups(labels, numbers, order, starts, ends, dropped)


@dataclass(frozen=True, slots=True)
class Parts:
    """Slices of the groups' rows, none of them long, that are walked side by side."""

    starts: Ints
    sizes: Ints
    group: Ints

    def __iter__(self) -> Iterator[tuple[Ints, Ints]]:
        """At each position: which parts have a row there, and its place in the order."""
        for position in range(int(self.sizes.max(initial=0))):
            parts = np.flatnonzero(self.sizes > position)
            yield parts, self.starts[parts] + position


def parts(groups: Groups) -> Parts:
    """The groups cut into parts."""
    sizes = groups.ends - groups.starts
    per_group = -(-sizes // _PART)
    group = np.repeat(np.arange(groups.count), per_group)
    number = np.arange(len(group)) - np.repeat(np.cumsum(per_group) - per_group, per_group)
    starts = groups.starts[group] + number * _PART
    return Parts(starts, np.minimum(groups.ends[group] - starts, _PART), group)
