"""For which series a condition could be decided."""

import pytest

from query.promql.conditions import decided
from query.promql.engine import Engine
from query.promql.memory import MemorySource
from query.promql.parsing.parse import parse

CASES = {
    "x > 5": ["a", "b"],
    "5 < x": ["a", "b"],
    "(x > 5) < 9": ["a", "b"],
    "x > y": ["a"],
    "x > 5 and y > 100": ["a"],
    "x > 5 unless y": ["a", "b"],
    "x > 99 or z > 99": ["a", "b", "c"],
    "x > bool 5": ["a", "b"],
    "abs(x > 5)": ["a", "b"],
    "sum by (i) (x > 99)": ["a", "b"],
    "(x > 99) * 2": ["a", "b"],
    "-(x > 99)": ["a", "b"],
    "x": ["a", "b"],
    "none > 1": [],
}


@pytest.mark.parametrize(("query", "expected"), CASES.items(), ids=CASES)
def test_series_of_a_condition(query: str, expected: list[str]) -> None:
    source = MemorySource()
    for name, label in (("x", "a"), ("x", "b"), ("y", "a"), ("z", "c")):
        source.add((("__name__", name), ("i", label)), [(0, 7.0)])
    node = decided(parse(query))
    assert node is not None
    answer = Engine(source).instant_of(node, query, 0)
    assert sorted(dict(one.labels)["i"] for one in answer.series) == expected


@pytest.mark.parametrize("query", ["absent(x)", "absent_over_time(x[5m]) > 0"])
def test_absence_tells_nothing(query: str) -> None:
    assert decided(parse(query)) is None
