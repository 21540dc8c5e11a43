"""The tree as JSON: each kind of node as Prometheus 3.14 has it."""

from typing import Any

import orjson
import pytest

from query.promql.parsing.parse import parse
from query.promql.printing.as_tree import as_tree


def _tree(query: str) -> Any:
    return orjson.loads(orjson.dumps(as_tree(parse(query))))


def _selector(name: str, **more: Any) -> dict[str, Any]:
    found = {
        "type": "vectorSelector",
        "name": name,
        "matchers": [{"name": "__name__", "type": "=", "value": name}],
        "offset": 0,
        "offsetExpr": None,
        "timestamp": None,
        "startOrEnd": None,
        "anchored": False,
        "smoothed": False,
    }
    return found | more


ONE = {"type": "numberLiteral", "val": "1"}
SELECTED = [
    {"name": "b", "type": "!~", "value": "x"},
    {"name": "__name__", "type": "=", "value": "up"},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("1", ONE),
        ("'a'", {"type": "stringLiteral", "val": "a"}),
        ("(1)", {"type": "parenExpr", "expr": ONE}),
        ("-a", {"type": "unaryExpr", "op": "-", "expr": _selector("a")}),
        ('up{b!~"x"} @ 2', _selector("up", matchers=SELECTED, timestamp=2000)),
        (
            "a[5m] anchored @ start() offset -1m",
            _selector("a")
            | {"type": "matrixSelector", "range": 300_000, "rangeExpr": None}
            | {"offset": -60_000, "startOrEnd": "start", "anchored": True},
        ),
        (
            "a[1h:]",
            {"type": "subquery", "expr": _selector("a"), "range": 3_600_000, "rangeExpr": None}
            | {"step": 0, "stepExpr": None, "offset": 0, "offsetExpr": None}
            | {"timestamp": None, "startOrEnd": None},
        ),
        (
            "topk without (x) (1, a)",
            {"type": "aggregation", "op": "topk", "param": ONE, "expr": _selector("a")}
            | {"grouping": ["x"], "without": True},
        ),
        (
            "round(a, 1)",
            {
                "type": "call",
                "func": {
                    "name": "round",
                    "argTypes": ["vector", "scalar"],
                    "variadic": 1,
                    "returnType": "vector",
                },
                "args": [_selector("a"), ONE],
            },
        ),
        (
            "a == bool 1",
            {"type": "binaryExpr", "op": "==", "lhs": _selector("a"), "rhs": ONE}
            | {"matching": None, "bool": True},
        ),
    ],
)
def test_nodes(query: str, expected: Any) -> None:
    assert _tree(query) == expected


@pytest.mark.parametrize(
    ("operator", "matching"),
    [
        ("+", {"card": "one-to-one"}),
        ("and on (x)", {"card": "many-to-many", "on": True, "labels": ["x"]}),
        (
            "* ignoring (x) group_right (y)",
            {"card": "one-to-many", "labels": ["x"], "include": ["y"]},
        ),
        ("/ fill_left (0)", {"card": "one-to-one", "fillValues": {"lhs": 0, "rhs": None}}),
    ],
)
def test_vectors_are_matched(operator: str, matching: dict[str, Any]) -> None:
    plain = {"labels": [], "on": False, "include": [], "fillValues": {"lhs": None, "rhs": None}}
    assert _tree(f"a {operator} b")["matching"] == plain | matching


def test_a_chain_may_be_longer_than_the_stack() -> None:
    tree = orjson.dumps(as_tree(parse(" + ".join(["1"] * 990))))
    assert tree.count(b"binaryExpr") == 989
