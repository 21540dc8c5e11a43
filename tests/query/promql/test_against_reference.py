"""Aggregations and operators against references that look at one step and one series at a time."""

import math
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.promql.engine import Engine, Limits
from query.promql.errors import PromqlError
from query.promql.labels import Labels, from_mapping
from query.promql.memory import MemorySource
from query.promql.testing.equality import same_number

STEPS = range(0, 5_000, 1_000)
VALUES = st.one_of(st.integers(-9, 9).map(float), st.just(math.nan))
ROWS = st.lists(st.one_of(VALUES, st.none()), min_size=len(STEPS), max_size=len(STEPS))
# Label sets with a value for `g` and one for `i`, each at most once.
SERIES = st.dictionaries(st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), ROWS, max_size=8)
Series = dict[tuple[str, int], list[float | None]]
Cells = dict[Labels, dict[int, float]]


def _engine(**metrics: Series) -> Engine:
    source = MemorySource()
    for name, series in metrics.items():
        for (group, number), row in series.items():
            labels = from_mapping({"__name__": name, "g": group, "i": str(number)})
            pairs = zip(STEPS, row, strict=True)
            source.add(labels, [(time, value) for time, value in pairs if value is not None])
    return Engine(source, Limits(lookback_ms=1_000))


def _got(engine: Engine, query: str) -> Cells:
    answer = engine.range(query, STEPS[0], STEPS[-1], 1_000)
    return {
        series.labels: dict(zip(series.times.tolist(), series.values.tolist(), strict=True))
        for series in answer.series
    }


def _same(wanted: Cells, got: Cells) -> None:
    wanted = {labels: cells for labels, cells in wanted.items() if cells}
    assert wanted.keys() == got.keys()
    for labels, cells in wanted.items():
        assert cells.keys() == got[labels].keys()
        for time, value in cells.items():
            found = got[labels][time]
            assert same_number(value, found) or abs(value - found) < 1e-9, (labels, time)


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: list[float]) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)


def _least(values: list[float]) -> float:
    return min((value for value in values if value == value), default=math.nan)


def _quantile(values: list[float]) -> float:
    ordered = sorted(values, key=lambda value: (value == value, value))
    rank = 0.3 * (len(ordered) - 1)
    low, share = math.floor(rank), rank - math.floor(rank)
    return ordered[low] * (1 - share) + ordered[min(low + 1, len(ordered) - 1)] * share


AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": _mean,
    "count": lambda values: float(len(values)),
    "group": lambda values: 1.0,
    "min": _least,
    "max": lambda values: -_least([-value for value in values]),
    "stdvar": _variance,
    "stddev": lambda values: math.sqrt(_variance(values)),
    "quantile": _quantile,
}


@pytest.mark.parametrize("name", sorted(AGGREGATIONS))
@settings(max_examples=60, deadline=None)
@given(series=SERIES)
def test_aggregations(name: str, series: Series) -> None:
    wanted: Cells = {}
    for group, (step, time) in product("xyz", enumerate(STEPS)):
        rows = [row[step] for (own, _), row in sorted(series.items()) if own == group]
        values = [value for value in rows if value is not None]
        if values:
            cells = wanted.setdefault(from_mapping({"g": group}), {})
            cells[time] = AGGREGATIONS[name](values)
    parameter = "0.3, " if name == "quantile" else ""
    _same(wanted, _got(_engine(m=series), f"{name} by (g) ({parameter}m)"))


@settings(max_examples=60, deadline=None)
@given(series=SERIES, size=st.integers(0, 4), largest=st.booleans())
def test_ranks(series: Series, size: int, largest: bool) -> None:
    wanted: Cells = {}
    for group, (step, time) in product("xyz", enumerate(STEPS)):
        rows = [
            (row[step], from_mapping({"__name__": "m", "g": own, "i": str(number)}))
            for (own, number), row in sorted(series.items())
            if own == group and row[step] is not None
        ]
        sign = -1 if largest else 1
        rows.sort(key=lambda row: (row[0] != row[0], sign * (row[0] or 0.0)))
        for value, labels in rows[:size]:
            assert value is not None
            wanted.setdefault(labels, {})[time] = value
    name = "topk" if largest else "bottomk"
    _same(wanted, _got(_engine(m=series), f"{name} by (g) ({size}, m)"))


OPERATORS: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    ">": lambda a, b: a if a > b else None,
    "== bool": lambda a, b: float(a == b),
}


def _matched(
    left: Series, right: Series, compute: Callable[[float, float], float | None], keeps: bool
) -> Cells | None:
    """`left op on(i) group_left right`, None where Prometheus refuses it."""
    wanted: Cells = {}
    for step, time in enumerate(STEPS):
        ours = {key: row[step] for key, row in left.items() if row[step] is not None}
        theirs = [(key[1], row[step]) for key, row in right.items() if row[step] is not None]
        if not ours or not theirs:
            continue
        if len({number for number, _ in theirs}) < len(theirs):
            return None
        ones = dict(theirs)
        for (group, number), value in ours.items():
            other = ones.get(number)
            if value is None or other is None:
                continue
            result = compute(value, other)
            if result is not None:
                name = {"__name__": "a"} if keeps else {}
                labels = from_mapping({**name, "g": group, "i": str(number)})
                wanted.setdefault(labels, {})[time] = result
    return wanted


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@settings(max_examples=80, deadline=None)
@given(left=SERIES, right=SERIES)
def test_many_to_one(operator: str, left: Series, right: Series) -> None:
    engine = _engine(a=left, b=right)
    wanted = _matched(left, right, OPERATORS[operator], keeps=operator == ">")
    query = f"a {operator} on(i) group_left b"
    if wanted is None:
        with pytest.raises(PromqlError):
            _got(engine, query)
    else:
        _same(wanted, _got(engine, query))


@settings(max_examples=80, deadline=None)
@given(left=SERIES, right=SERIES, operator=st.sampled_from(["and", "or", "unless"]))
def test_sets(left: Series, right: Series, operator: str) -> None:
    wanted: Cells = {}
    for step, time in enumerate(STEPS):
        ours = {key: row[step] for key, row in left.items() if row[step] is not None}
        theirs = {key: row[step] for key, row in right.items() if row[step] is not None}
        numbers, others = {key[1] for key in ours}, {key[1] for key in theirs}
        chosen = [
            ("a", key, value)
            for key, value in ours.items()
            if operator == "or" or (key[1] in others) == (operator == "and")
        ]
        if operator == "or":
            chosen += [("b", key, value) for key, value in theirs.items() if key[1] not in numbers]
        for name, (group, number), value in chosen:
            assert value is not None
            labels = from_mapping({"__name__": name, "g": group, "i": str(number)})
            wanted.setdefault(labels, {})[time] = value
    _same(wanted, _got(_engine(a=left, b=right), f"a {operator} on(i) b"))
