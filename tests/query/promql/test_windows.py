"""rate, increase and *_over_time against a reference that goes sample by sample."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.promql.engine import Engine
from query.promql.labels import Labels
from query.promql.memory import MemorySource
from query.promql.samples import STALE, is_stale
from query.promql.testing.equality import same_number

Series = list[tuple[int, float]]
SERIES = st.dictionaries(
    st.integers(-100, 2_000),
    st.one_of(
        st.integers(0, 50).map(float),
        st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-3),
        st.sampled_from([math.nan, STALE]),
    ),
    max_size=40,
).map(lambda samples: sorted(samples.items()))
COUNTERS = st.dictionaries(
    st.integers(-100, 2_000), st.integers(0, 50).map(float), max_size=40
).map(lambda samples: sorted(samples.items()))


def _window(series: Series, end: int, length: int) -> Series:
    return [
        (time, value) for time, value in series if end - length < time <= end and not _stale(value)
    ]


def _stale(value: float) -> bool:
    return bool(is_stale(np.array([value]))[0])


def _increase(window: Series, end: int, length: int) -> float | None:
    if len(window) < 2:
        return None
    change, reached = window[-1][1] - window[0][1], window[0][1]
    for _, value in window[1:]:
        if value < reached:
            change += reached
        reached = value
    sampled = (window[-1][0] - window[0][0]) / 1000
    gap = sampled / (len(window) - 1)
    before, after = (window[0][0] - (end - length)) / 1000, (end - window[-1][0]) / 1000
    if before >= 1.1 * gap:
        before = gap / 2
    if change > 0 and window[0][1] >= 0:
        before = min(before, sampled * window[0][1] / change)
    if after >= 1.1 * gap:
        after = gap / 2
    return change * (sampled + before + after) / sampled


def _variance(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)


def _smallest(values: list[float]) -> float:
    numbers = [value for value in values if not math.isnan(value)]
    return min(numbers) if numbers else math.nan


def _median(values: list[float]) -> float:
    ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
    middle = (len(ordered) - 1) / 2
    return (ordered[math.floor(middle)] + ordered[math.ceil(middle)]) / 2


def _changes(values: list[float]) -> float:
    pairs = pairwise(values)
    return sum(a != b and not (math.isnan(a) and math.isnan(b)) for a, b in pairs)


REFERENCES: dict[str, Callable[[list[float]], float]] = {
    "count_over_time": lambda values: float(len(values)),
    "sum_over_time": math.fsum,
    "avg_over_time": lambda values: math.fsum(values) / len(values),
    "min_over_time": _smallest,
    "max_over_time": lambda values: -_smallest([-value for value in values]),
    "last_over_time": lambda values: values[-1],
    "first_over_time": lambda values: values[0],
    "present_over_time": lambda values: 1.0,
    "changes": _changes,
    "resets": lambda values: float(sum(b < a for a, b in pairwise(values))),
}


def _labels(number: int) -> Labels:
    return (("__name__", "m_total"), ("i", str(number)))


def _engine(series: list[Series]) -> Engine:
    source = MemorySource()
    for number, samples in enumerate(series):
        source.add(_labels(number), samples)
    return Engine(source)


def _answers(engine: Engine, query: str, start: int, step: int) -> dict[str, dict[int, float]]:
    answer = engine.range(query, start, start + 5 * step, step)
    return {
        dict(series.labels)["i"]: dict(
            zip(series.times.tolist(), series.values.tolist(), strict=True)
        )
        for series in answer.series
    }


def _check(
    got: dict[str, dict[int, float]],
    series: list[Series],
    grid: tuple[int, int],
    wanted: Callable[[Series, int], float | None],
) -> None:
    start, step = grid
    for number, samples in enumerate(series):
        for end in range(start, start + 6 * step, step):
            expected, found = wanted(samples, end), got.get(str(number), {}).get(end)
            if expected is None or found is None:
                assert expected is None, (number, end, expected)
                assert found is None, (number, end, found)
            else:
                assert same_number(expected, found) or abs(expected - found) < 1e-6


@pytest.mark.parametrize("name", sorted(REFERENCES))
@settings(max_examples=40, deadline=None)
@given(
    series=st.lists(SERIES, min_size=1, max_size=4),
    length=st.integers(1, 1_500),
    start=st.integers(0, 1_000),
    step=st.integers(1, 400),
)
def test_over_time(name: str, series: list[Series], length: int, start: int, step: int) -> None:
    def wanted(samples: Series, end: int) -> float | None:
        values = [value for _, value in _window(samples, end, length)]
        return REFERENCES[name](values) if values else None

    got = _answers(_engine(series), f"{name}(m_total[{length}ms])", start, step)
    _check(got, series, (start, step), wanted)


@pytest.mark.parametrize("name", ["increase", "rate"])
@settings(max_examples=100, deadline=None)
@given(
    series=st.lists(COUNTERS, min_size=1, max_size=4),
    length=st.integers(1, 1_500),
    start=st.integers(0, 1_000),
    step=st.integers(1, 400),
)
def test_increase(name: str, series: list[Series], length: int, start: int, step: int) -> None:
    seconds = length / 1000 if name == "rate" else 1

    def wanted(samples: Series, end: int) -> float | None:
        found = _increase(_window(samples, end, length), end, length)
        return None if found is None else found / seconds

    got = _answers(_engine(series), f"{name}(m_total[{length}ms])", start, step)
    _check(got, series, (start, step), wanted)


@settings(max_examples=100, deadline=None)
@given(
    series=st.lists(SERIES, min_size=1, max_size=4),
    length=st.integers(1, 1_500),
    start=st.integers(0, 1_000),
    step=st.integers(1, 400),
)
def test_quantile(series: list[Series], length: int, start: int, step: int) -> None:
    def wanted(samples: Series, end: int) -> float | None:
        values = [value for _, value in _window(samples, end, length)]
        return _median(values) if values else None

    got = _answers(_engine(series), f"quantile_over_time(0.5, m_total[{length}ms])", start, step)
    _check(got, series, (start, step), wanted)


@settings(max_examples=100, deadline=None)
@given(series=st.lists(COUNTERS, min_size=1, max_size=4), length=st.integers(1, 1_500))
def test_variance(series: list[Series], length: int) -> None:
    def wanted(samples: Series, end: int) -> float | None:
        values = [value for _, value in _window(samples, end, length)]
        return _variance(values) if values else None

    got = _answers(_engine(series), f"stdvar_over_time(m_total[{length}ms])", 500, 300)
    _check(got, series, (500, 300), wanted)


@settings(max_examples=50, deadline=None)
@given(series=st.lists(SERIES, min_size=1, max_size=4), back=st.integers(1, 600))
def test_the_latest_sample(series: list[Series], back: int) -> None:
    def wanted(samples: Series, end: int) -> float | None:
        inside = [value for time, value in samples if end - back < time <= end]
        return None if not inside or _stale(inside[-1]) else inside[-1]

    engine = _engine(series)
    engine = Engine(engine.source, limits=type(engine.limits)(lookback_ms=back))
    _check(_answers(engine, "m_total", 300, 250), series, (300, 250), wanted)
