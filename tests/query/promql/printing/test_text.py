"""Queries on one line: as Prometheus 3.14 prints them, and the same tree when read again."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from query.promql.errors import ParseFailure
from query.promql.parsing.durations import is_computed
from query.promql.parsing.parse import parse
from query.promql.printing.as_tree import as_tree
from query.promql.printing.text import text
from query.promql.testing.script import Eval, commands
from query.promql.tree import Node

CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        ("5m", "5m"),
        ("-5m", "-5m"),
        ("0x1F", "31"),
        ("1e21", "1000000000000000000000"),
        ("Inf", "+Inf"),
        ("'a\"b'", '"a\\"b"'),
        ('"\\u200b\\x01"', '"\\u200b\\x01"'),
        ("up", "up"),
        ('up{b="1",  a=~"x|y"}', 'up{a=~"x|y",b="1"}'),
        ('{"http.requests", "a b"="c"}', '{"a b"="c",__name__="http.requests"}'),
        ('{__name__="up"}', '{__name__="up"}'),
        ("up offset -90s @ 1.5", "up @ 1.500 offset -1m30s"),
        ("up[5m] smoothed @ end()", "up[5m] smoothed @ end()"),
        ("up[1h:] offset 1d", "up[1h:] offset 1d"),
        ("sum(up) by (a, b)", "sum by (a, b) (up)"),
        ("topk without (a) (3, up)", "topk without (a) (3, up)"),
        ("a+on(x)group_left(y)b", "a + on (x) group_left (y) b"),
        ("a > bool on() b", "a > bool on () b"),
        ("a + ignoring(x) b", "a + ignoring (x) b"),
        ("a + fill(1e6) b", "a + fill (1e+06) b"),
        ("a + fill_left(1) fill_right(2) b", "a + fill_left (1) fill_right (2) b"),
        ("-(a)", "-(a)"),
        ("round(up,  .5)", "round(up, 0.5)"),
    ],
)
def test_queries(query: str, printed: str) -> None:
    assert text(parse(query)) == printed


def _queries() -> set[str]:
    found = [one for path in CASES.glob("*.test") for one in commands(path.read_text())]
    return {one.query for one in found if isinstance(one, Eval)}


def _meaning(node: Node) -> Any:
    return _unordered(orjson.loads(orjson.dumps(as_tree(node))))


def _unordered(tree: Any) -> Any:
    """Matchers are printed in an order of their own."""
    if isinstance(tree, list):
        return [_unordered(one) for one in tree]
    if not isinstance(tree, dict):
        return tree
    found = {name: _unordered(one) for name, one in tree.items()}
    if "matchers" in found:
        found["matchers"].sort(key=orjson.dumps)
    return found


def test_what_is_printed_is_the_same_query() -> None:
    """All queries of our own cases."""
    printed = 0
    for query in _queries():
        try:
            node = None if is_computed(query) else parse(query)
        except ParseFailure:
            continue
        if node is not None:
            printed += 1
            again = parse(text(node))
            assert text(again) == text(node)
            assert _meaning(again) == _meaning(node)
    assert printed > 150


def test_a_chain_may_be_longer_than_the_stack() -> None:
    query = " + ".join(["1"] * 990)
    assert text(parse(query)) == query
