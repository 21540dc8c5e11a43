"""A query's tree as the JSON that Prometheus's own page reads."""

from typing import Any

import orjson

from query.promql.labels import readable
from query.promql.numbers import plain
from query.promql.printing.text import matches_vectors
from query.promql.tree import (
    Aggregate,
    At,
    Binary,
    Call,
    Edge,
    Matching,
    Negative,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
)

_SETS = frozenset({"and", "or", "unless"})
_CARDINALITIES = {None: "one-to-one", "left": "many-to-one", "right": "one-to-many"}


def as_tree(node: Node) -> orjson.Fragment:
    """The node and all below it."""
    chain: list[Binary] = []
    while isinstance(node, Binary):
        chain.append(node)
        node = node.left
    found = _written(_document(node))
    # From the innermost on: a chain may be longer than Python's stack, and than orjson's.
    for link in reversed(chain):
        found = _written(_binary(link, found))
    return found


def _written(document: dict[str, Any]) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(document))


def _document(node: Node) -> dict[str, Any]:
    match node:
        case Number():
            return {"type": "numberLiteral", "val": plain(node.value)}
        case String():
            return {"type": "stringLiteral", "val": readable(node.value)}
        case Paren():
            return {"type": "parenExpr", "expr": as_tree(node.inner)}
        case Negative():
            return {"type": "unaryExpr", "op": "-", "expr": as_tree(node.inner)}
        case Selector():
            return {"type": "vectorSelector", **_selector(node)}
        case Range():
            window = {"range": node.range_ms, "rangeExpr": None}
            return {"type": "matrixSelector", **window, **_selector(node.selector)}
        case Subquery():
            return _subquery(node)
        case Aggregate():
            return _aggregation(node)
        case Call():
            return _call(node)
        case Binary():
            raise AssertionError("chains are taken apart before")


def _selector(node: Selector) -> dict[str, Any]:
    matchers = [
        {"name": readable(one.name), "value": readable(one.value), "type": one.kind.value}
        for one in node.matchers
    ]
    return {
        "name": node.written_name,
        "matchers": matchers,
        **_times(node.offset_ms, node.at),
        "anchored": node.extension == "anchored",
        "smoothed": node.extension == "smoothed",
    }


def _times(offset_ms: int, at: At) -> dict[str, Any]:
    return {
        "offset": offset_ms,
        "offsetExpr": None,
        "timestamp": at if isinstance(at, int) else None,
        "startOrEnd": at.value if isinstance(at, Edge) else None,
    }


def _subquery(node: Subquery) -> dict[str, Any]:
    return {
        "type": "subquery",
        "expr": as_tree(node.inner),
        "range": node.range_ms,
        "rangeExpr": None,
        "step": node.step_ms or 0,
        "stepExpr": None,
        **_times(node.offset_ms, node.at),
    }


def _aggregation(node: Aggregate) -> dict[str, Any]:
    return {
        "type": "aggregation",
        "op": node.operator,
        "expr": as_tree(node.inner),
        "param": None if node.parameter is None else as_tree(node.parameter),
        "grouping": list(node.labels),
        "without": node.without,
    }


def _call(node: Call) -> dict[str, Any]:
    function = {
        "name": node.function,
        "argTypes": list(node.signature.types),
        "variadic": node.signature.variadic,
        "returnType": node.returns,
    }
    arguments = [as_tree(one) for one in node.arguments]
    return {"type": "call", "func": function, "args": arguments}


def _binary(node: Binary, left: orjson.Fragment) -> dict[str, Any]:
    return {
        "type": "binaryExpr",
        "op": node.operator,
        "lhs": left,
        "rhs": as_tree(node.right),
        "matching": _matching(node) if matches_vectors(node) else None,
        "bool": node.return_bool,
    }


def _matching(node: Binary) -> dict[str, Any]:
    own: Matching = node.matching
    is_set = node.operator in _SETS
    return {
        "card": "many-to-many" if is_set else _CARDINALITIES[own.many],
        "labels": list(own.labels),
        "on": own.on,
        "include": list(own.include),
        "fillValues": {"lhs": own.fill_left, "rhs": own.fill_right},
    }
