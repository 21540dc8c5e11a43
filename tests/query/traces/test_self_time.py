"""A span's own time, by hand and against counting every nanosecond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.traces.self_time import self_time_ns


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        pytest.param([], 100, id="no children"),
        pytest.param([(10, 30)], 80, id="one"),
        pytest.param([(10, 30), (50, 60)], 70, id="two apart"),
        pytest.param([(10, 30), (30, 60)], 50, id="touching"),
        pytest.param([(10, 40), (20, 60)], 50, id="overlapping"),
        pytest.param([(10, 90), (20, 60), (70, 80)], 20, id="one within another"),
        pytest.param([(50, 60), (10, 30)], 70, id="in any order"),
        pytest.param([(-50, 20)], 80, id="began before"),
        pytest.param([(90, 200)], 90, id="went on after"),
        pytest.param([(-10, 300)], 0, id="longer than its parent"),
        pytest.param([(100, 300), (-5, 0)], 100, id="outside"),
        pytest.param([(40, 40)], 100, id="of no length"),
    ],
)
def test_what_children_cover_is_not_its_own(children: list[tuple[int, int]], expected: int) -> None:
    assert self_time_ns((0, 100), children) == expected


TIMES = st.tuples(st.integers(-5, 25), st.integers(0, 12)).map(lambda t: (t[0], t[0] + t[1]))


@given(TIMES, st.lists(TIMES, max_size=6))
def test_it_is_what_counting_says(own: tuple[int, int], children: list[tuple[int, int]]) -> None:
    free = [at for at in range(*own) if not any(start <= at < end for start, end in children)]
    assert self_time_ns(own, children) == len(free)
