"""The same query again with its time fixed by `@`, evaluated at other times."""

from collections.abc import Iterator
from dataclasses import replace

from query.promql.invariance import is_about_query, is_unsafe
from query.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Node,
    Paren,
    Range,
    Selector,
    Subquery,
    walk,
)


def fixed(node: Node, at_ms: int) -> Node:
    """The tree with every selector and subquery that has no `@` of its own fixed."""
    match node:
        case Selector():
            return node if node.at is not None else replace(node, at=at_ms)
        case Range():
            selector = fixed(node.selector, at_ms)
            assert isinstance(selector, Selector)
            return replace(node, selector=selector)
        case Subquery():
            return node if node.at is not None else replace(node, at=at_ms)
        case Paren() | Negative():
            return replace(node, inner=fixed(node.inner, at_ms))
        case Binary():
            return replace(node, left=fixed(node.left, at_ms), right=fixed(node.right, at_ms))
        case Aggregate():
            parameter = None if node.parameter is None else fixed(node.parameter, at_ms)
            return replace(node, inner=fixed(node.inner, at_ms), parameter=parameter)
        case Call():
            arguments = tuple(fixed(argument, at_ms) for argument in node.arguments)
            return replace(node, arguments=arguments)
        case _:
            return node


def variants(node: Node, at_ms: int) -> Iterator[tuple[Node, int]]:
    """The query with its time fixed and other times to evaluate it at.

    None where a function looks at the time of the evaluation itself.
    """
    if any(is_unsafe(part) or is_about_query(part) for part in walk(node)):
        return
    times = [-10 * at_ms, 0, at_ms // 5, at_ms, 10 * at_ms] if at_ms else [-1000, 0, 1000]
    for time in times:
        yield fixed(node, at_ms), time
