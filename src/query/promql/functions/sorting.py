"""sort and sort_by_label: the order of an instant query's answer."""

import re
from collections.abc import Callable, Sequence
from functools import cmp_to_key

import numpy as np

from query.promql.annotations import USELESS_SORT
from query.promql.frame import Frame
from query.promql.labels import Labels, get
from query.promql.tree import Call
from query.promql.vector import Vector

_CHUNK = re.compile(r"\d+|\D+")


def _sorted(call: Call, frame: Frame, falling: bool) -> Vector:
    vector = frame.vector(call.arguments[0]).floats_only().compact()
    if frame.grid.count > 1:
        frame.query.annotations.warn(USELESS_SORT, call.position)
        return vector
    column = vector.values[:, 0]
    return vector.rows(np.argsort(-column if falling else column, kind="stable"))


def compare_naturally(left: str, right: str) -> int:
    """Below, at or above 0; numbers inside compare as numbers."""
    ours, theirs = _CHUNK.findall(left), _CHUNK.findall(right)
    for one, other in zip(ours, theirs, strict=False):
        both_numbers = one.isdecimal() and other.isdecimal()
        a, b = (int(one), int(other)) if both_numbers else (one, other)
        if a != b:
            return -1 if a < b else 1
    return len(ours) - len(theirs)


def _by_labels(names: Sequence[str]) -> Callable[[Labels, Labels], int]:
    def compare(left: Labels, right: Labels) -> int:
        for name in names:
            order = compare_naturally(get(left, name), get(right, name))
            if order:
                return order
        return (left > right) - (left < right)

    return compare


def _sorted_by_label(call: Call, frame: Frame, falling: bool) -> Vector:
    vector = frame.vector(call.arguments[0])
    if frame.grid.count > 1:
        frame.query.annotations.warn(USELESS_SORT, call.position)
        return vector
    key = cmp_to_key(_by_labels([frame.text(node) for node in call.arguments[1:]]))
    order = sorted(
        range(len(vector.labels)), key=lambda row: key(vector.labels[row]), reverse=falling
    )
    return vector.rows(np.array(order, dtype=np.int64))


FUNCTIONS = {
    "sort": lambda call, frame: _sorted(call, frame, falling=False),
    "sort_desc": lambda call, frame: _sorted(call, frame, falling=True),
    "sort_by_label": lambda call, frame: _sorted_by_label(call, frame, falling=False),
    "sort_by_label_desc": lambda call, frame: _sorted_by_label(call, frame, falling=True),
}
