"""Arithmetic and comparisons between two vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from query.promql.binary.fill import filled
from query.promql.binary.operators import COMPARISONS, TRIMS, computed
from query.promql.binary.signatures import Signatures, matched_labels, signatures
from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.labels import Labels, braced, get, only, with_label, without, without_metadata
from query.promql.merging import merged, numbered
from query.promql.native.binary import between_vectors, untrimmable
from query.promql.samples import Bools, Ints
from query.promql.tree import Binary, Matching
from query.promql.vector import Vector

_IMPLICIT = (
    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
)
_AMBIGUOUS = "multiple matches for labels: grouping labels must ensure unique matches"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows that belong together: pair i joins row `left[i]` with row `right[i]`."""

    left: Ints
    right: Ints
    signature: Ints


def someone(present: Bools) -> Bools:
    """The steps at which any series has a sample."""
    found: Bools = np.logical_or.reduce(present, axis=0)
    return found


def operate(node: Binary, frame: Frame, left: Vector, right: Vector) -> Vector:
    """The operator on each pair of series that match."""
    matching = node.matching
    numbers = signatures(matching, left.labels, right.labels)
    both = someone(left.present) & someone(right.present)
    if matching.fill_left is not None or matching.fill_right is not None:
        left, right = filled(matching, numbers, left, right)
        numbers = signatures(matching, left.labels, right.labels)
        both = np.ones_like(both)
    if matching.many == "right":
        _refuse_duplicates(matching, left, numbers.left, numbers.count, "left", both)
    else:
        _refuse_duplicates(matching, right, numbers.right, numbers.count, "right", both)
    pairs = _pairs(numbers)
    frame.query.count(len(pairs.left) * left.present.shape[1])
    return _operated(node, frame, left, right, pairs)


def _operated(node: Binary, frame: Frame, left: Vector, right: Vector, pairs: Pairs) -> Vector:
    matching, filters = node.matching, node.operator in COMPARISONS and not node.return_bool
    ours, theirs = left.rows(pairs.left), right.rows(pairs.right)
    values = computed(node.operator, ours.values, theirs.values)
    present = ours.floats_present & theirs.floats_present
    if filters:
        present &= values != 0
        values = ours.values
    many, one = (theirs, ours) if matching.many == "right" else (ours, theirs)
    labels = [result_labels(node, *pair) for pair in zip(many.labels, one.labels, strict=True)]
    dropped = np.ones_like(many.drop_name) if node.return_bool else many.drop_name
    result = Vector(labels, values, present, dropped)
    if node.operator in TRIMS:
        result = untrimmable(node, frame, result)
    if left.histograms is not None or right.histograms is not None:
        result = between_vectors(node, frame, ours, theirs, result)
    _refuse_ambiguity(matching, result, pairs.signature)
    return merged(result.compact())


def _pairs(numbers: Signatures) -> Pairs:
    order = np.argsort(numbers.right, kind="stable")
    sizes = np.bincount(numbers.right, minlength=numbers.count)
    starts = np.cumsum(sizes) - sizes
    repeats = sizes[numbers.left]
    left = np.repeat(np.arange(len(numbers.left)), repeats)
    signature = numbers.left[left]
    within = np.arange(len(left)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return Pairs(left, order[starts[signature] + within], signature)


def result_labels(node: Binary, many: Labels, one: Labels) -> Labels:
    """The labels of a pair's result."""
    matching, labels = node.matching, many
    if node.operator not in COMPARISONS:
        labels = without_metadata(labels)
    if matching.many is None:
        names = matching.labels
        labels = only(labels, names) if matching.on else without(labels, names)
    for name in matching.include:
        labels = with_label(labels, name, get(one, name))
    return labels


def _refuse_duplicates(
    matching: Matching, one: Vector, numbers: Ints, count: int, side: str, both: Bools
) -> None:
    crowded = np.flatnonzero(np.bincount(numbers, minlength=count) > 1)
    for number in crowded.tolist():
        rows = np.flatnonzero(numbers == number)
        meeting = one.present[rows] & both
        steps = np.flatnonzero(meeting.sum(axis=0) > 1)
        if len(steps):
            first, second = rows[np.flatnonzero(meeting[:, steps[0]])[:2]].tolist()
            raise _duplicates(matching, one.labels, first, second, side)


def _duplicates(
    matching: Matching, labels: Sequence[Labels], first: int, second: int, side: str
) -> PromqlError:
    shared = matched_labels(matching, labels[first])
    return PromqlError(
        f"found duplicate series for the match group {braced(shared)} on the {side} hand-side of "
        f"the operation: [{braced(labels[second])}, {braced(labels[first])}];many-to-many matching "
        "not allowed: matching labels must be unique on one side"
    )


def _refuse_ambiguity(matching: Matching, result: Vector, signature: Ints) -> None:
    if matching.many is None:
        groups, count, text = signature, int(signature.max(initial=-1)) + 1, _IMPLICIT
    else:
        keys = zip(signature.tolist(), result.labels, strict=True)
        groups, count = numbered([((("", str(number)),), labels) for number, labels in keys])
        text = _AMBIGUOUS
    crowded = np.bincount(groups, minlength=count)[groups] > 1
    rows = np.flatnonzero(crowded)
    if not len(rows):
        return
    order = rows[np.argsort(groups[rows], kind="stable")]
    ordered = groups[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if (np.add.reduceat(result.present[order].astype(np.int64), starts, axis=0) > 1).any():
        raise PromqlError(text)
