"""Series that come to have the same labels become one, unless they meet at a step."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from query.promql.errors import PromqlError
from query.promql.labels import without_metadata
from query.promql.samples import Ints
from query.promql.vector import Vector


def duplicate_labels() -> PromqlError:
    """Two samples of one step with the same labels."""
    return PromqlError("vector cannot contain metrics with the same labelset")


def numbered(keys: Sequence[Hashable]) -> tuple[Ints, int]:
    """A number for each key, equal keys the same, in the order of their first use."""
    numbers: dict[Hashable, int] = {}
    found = np.fromiter(
        (numbers.setdefault(key, len(numbers)) for key in keys), dtype=np.int64, count=len(keys)
    )
    return found, len(numbers)


def merged(vector: Vector) -> Vector:
    """One series for each label set. Raises PromqlError where two have a sample at a step."""
    groups, count = numbered(list(vector.labels))
    if count == len(vector.labels):
        return vector
    firsts = np.full(count, -1)
    firsts[groups[::-1]] = np.arange(len(groups))[::-1]
    whole = vector.rows(firsts)
    whole = replace(whole, values=whole.values.copy(), present=whole.present.copy())
    for row in sorted(set(range(len(groups))) - set(firsts.tolist())):
        _put(whole, int(groups[row]), vector, row)
    return whole


def _put(whole: Vector, target: int, vector: Vector, row: int) -> None:
    here = vector.present[row]
    if (whole.present[target] & here).any():
        raise duplicate_labels()
    whole.values[target, here] = vector.values[row, here]
    whole.present[target] |= here
    if whole.histograms is not None and vector.histograms is not None:
        whole.histograms[target, here] = vector.histograms[row, here]


def names_dropped(vector: Vector) -> Vector:
    """What was marked loses its name, and series that are then the same become one."""
    if not vector.drop_name.any():
        return merged(vector)
    labels = [
        without_metadata(labels) if dropped else labels
        for labels, dropped in zip(vector.labels, vector.drop_name.tolist(), strict=True)
    ]
    kept = np.zeros(len(labels), dtype=np.bool_)
    return merged(replace(vector, labels=labels, drop_name=kept))
