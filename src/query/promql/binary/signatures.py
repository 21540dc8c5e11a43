"""Which series of two vectors belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from query.promql.labels import METADATA, Labels, only, without
from query.promql.merging import numbered
from query.promql.samples import Bools, Ints
from query.promql.tree import Matching


def matched_labels(matching: Matching, labels: Labels) -> Labels:
    """The labels that two series must share."""
    if matching.on:
        return only(labels, matching.labels)
    return without(labels, {*matching.labels, *METADATA})


@dataclass(frozen=True, slots=True)
class Signatures:
    """The number of each series' shared labels, the same on both sides."""

    left: Ints
    right: Ints
    count: int


def signatures(matching: Matching, left: Sequence[Labels], right: Sequence[Labels]) -> Signatures:
    """Numbers for the shared labels of both sides' series."""
    keys = [matched_labels(matching, labels) for labels in (*left, *right)]
    numbers, count = numbered(keys)
    return Signatures(numbers[: len(left)], numbers[len(left) :], count)


def any_present(numbers: Ints, count: int, present: Bools) -> Bools:
    """For each signature, at which steps one of its series has a sample."""
    found = np.zeros((count, present.shape[1]), dtype=np.bool_)
    order = np.argsort(numbers, kind="stable")
    if len(order):
        ordered = numbers[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        found[ordered[starts]] = np.logical_or.reduceat(present[order], starts, axis=0)
    return found
