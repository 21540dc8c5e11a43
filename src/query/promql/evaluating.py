"""Evaluates a node of the tree at all steps of a frame."""

import numpy as np

from query.promql.aggregation.in_parts import in_parts
from query.promql.aggregation.registry import AGGREGATIONS
from query.promql.binary import scalars, sets, vectors
from query.promql.binary.operators import SETS
from query.promql.errors import PromqlError
from query.promql.frame import Frame, one_step
from query.promql.functions.registry import FUNCTIONS
from query.promql.holding import samples_held
from query.promql.invariance import worth_sharing
from query.promql.selecting import repeated, select_instant
from query.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    String,
    bare,
)
from query.promql.vector import Scalar, Text, Value, Vector

_EXTENSIBLE = {
    "anchored": ("changes", "delta", "increase", "rate", "resets"),
    "smoothed": ("delta", "increase", "rate"),
}


def evaluate(node: Node, frame: Frame) -> Value:
    """The value of a node at each step; once for all where `@` makes it the same."""
    query = frame.query
    query.check()
    before = query.held
    if frame.grid.count > 1 and worth_sharing(node):
        once = evaluate(node, Frame(query, one_step(frame.grid.start_ms)))
        assert isinstance(once, Vector)
        value: Value = repeated(once, frame.grid.count)
    else:
        value = _evaluate(node, frame)
    # While it was made, what it was made of was held too.
    held = samples_held(value)
    query.count(held)
    query.held = before + held
    return value


def _evaluate(node: Node, frame: Frame) -> Value:
    match node:
        case Number():
            return Scalar(np.full(frame.grid.count, node.value))
        case String():
            return Text(node.value)
        case Selector():
            return select_instant(frame, node)
        case Paren():
            return frame.value(node.inner)
        case Negative():
            value = frame.value(node.inner)
            return scalars.negated(value) if isinstance(value, Vector) else _minus(value)
        case Binary():
            return _chain(node, frame)
        case Aggregate():
            return _aggregate(node, frame)
        case Call():
            return _call(node, frame)
        case _:
            raise PromqlError("a range vector cannot be evaluated at steps")


def _aggregate(node: Aggregate, frame: Frame) -> Vector:
    aggregation = AGGREGATIONS[node.operator]
    found = in_parts(node, frame, aggregation)
    return aggregation(node, frame, frame.vector(node.inner)) if found is None else found


def _minus(value: Value) -> Scalar:
    assert isinstance(value, Scalar)
    return Scalar(-value.values)


def _call(node: Call, frame: Frame) -> Value:
    function = FUNCTIONS.get(node.function)
    if function is None:
        raise PromqlError(f"function {node.function} is not supported")
    _refuse_extension(node)
    return function(node, frame)


def _refuse_extension(node: Call) -> None:
    for argument in map(bare, node.arguments):
        extension = argument.selector.extension if isinstance(argument, Range) else ""
        usable = _EXTENSIBLE.get(extension)
        if usable is not None and node.function not in usable:
            raise PromqlError(
                f"{extension} modifier can only be used with: {', '.join(usable)} "
                f"- not with {node.function}"
            )


def _chain(node: Binary, frame: Frame) -> Value:
    """The value of `a + b + c …` from the left, without a call for each."""
    links = [node]
    while isinstance(links[-1].left, Binary) and not worth_sharing(links[-1].left):
        links.append(links[-1].left)
    query = frame.query
    before = query.held
    value = frame.value(links[-1].left)
    for link in reversed(links):
        query.check()
        value = _binary(link, frame, value, frame.value(link.right))
        held = samples_held(value)
        query.count(held)
        query.held = before + held
    return value


def _binary(node: Binary, frame: Frame, left: Value, right: Value) -> Value:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return scalars.between_scalars(node, left, right)
    if isinstance(left, Vector) and isinstance(right, Scalar):
        return scalars.vector_and_scalar(node, frame, left, right.values, scalar_left=False)
    if isinstance(left, Scalar) and isinstance(right, Vector):
        return scalars.vector_and_scalar(node, frame, right, left.values, scalar_left=True)
    assert isinstance(left, Vector)
    assert isinstance(right, Vector)
    if node.operator in SETS:
        return sets.combined(node, left, right)
    return vectors.operate(node, frame, left, right)
