"""absent, absent_over_time: one where there is nothing."""

import numpy as np

from query.promql.bounds import chunks
from query.promql.frame import Frame
from query.promql.labels import METRIC_NAME, Labels, from_mapping
from query.promql.samples import Bools
from query.promql.selecting import repeated
from query.promql.subquery import range_vector
from query.promql.tree import Call, MatchKind, Node, Range, Selector, bare
from query.promql.vector import Vector, of_floats


def _labels(node: Node) -> Labels:
    """What the selector says for certain; a label named twice says nothing."""
    if isinstance(node, Range):
        node = node.selector
    if not isinstance(node, Selector):
        return ()
    known: dict[str, str] = {}
    for matcher in node.matchers:
        if matcher.name == METRIC_NAME:
            continue
        certain = matcher.kind is MatchKind.EQUAL and matcher.name not in known
        known[matcher.name] = matcher.value if certain else ""
    return from_mapping(known)


def _ones(node: Node, missing: Bools) -> Vector:
    present = missing.reshape(1, -1)
    return of_floats([_labels(node)], np.ones(present.shape), present, True).compact()


def absent(call: Call, frame: Frame) -> Vector:
    """One at each step at which the vector is empty."""
    vector = frame.vector(call.arguments[0])
    missing: Bools = ~np.logical_or.reduce(vector.present, axis=0)
    return _ones(call.arguments[0], missing)


def absent_over_time(call: Call, frame: Frame) -> Vector:
    """One at each step whose window is empty in every series."""
    windows = range_vector(frame, call.arguments[0])
    found = np.zeros(windows.steps, dtype=np.bool_)
    for first, last in chunks(len(windows.series.labels), windows.steps):
        found |= (windows.float_windows(first, last).counts > 0).any(axis=0)
        held = windows.histogram_windows(first, last)
        if held is not None:
            found |= (held.counts > 0).any(axis=0)
    return repeated(_ones(bare(call.arguments[0]), ~found), frame.grid.count)


FUNCTIONS = {"absent": absent, "absent_over_time": absent_over_time}
