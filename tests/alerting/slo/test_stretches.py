"""Which minutes are still to be counted."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.slo.stretches import BRIDGED_MINUTES, Stretch, joined, less, missing, newest

STRETCHES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=5)


def _minutes(stretches: tuple[Stretch, ...] | list[Stretch]) -> set[int]:
    return {minute for first, end in stretches for minute in range(first, end)}


def test_what_is_missing_lies_between_what_is_there() -> None:
    assert missing(np.array([3, 4, 7]), 1, 10) == ((1, 3), (5, 7), (8, 10))
    assert missing(np.array([], np.int64), 1, 10) == ((1, 10),)
    assert missing(np.array([1, 2]), 1, 3) == ()
    assert missing(np.array([9]), 5, 3) == ()


def test_the_newest_come_first() -> None:
    assert newest(((1, 3), (10, 100)), 20) == (80, 100)
    assert newest(((1, 3), (10 + BRIDGED_MINUTES, 200)), 1_000) == (10 + BRIDGED_MINUTES, 200)
    assert newest(((1, 3), (3 + BRIDGED_MINUTES, 200)), 1_000) == (1, 200)


def test_short_gaps_are_bridged() -> None:
    assert newest(((1, 3), (10, 12)), 20) == (1, 12)
    assert newest(((1, 3), (10, 12)), 5) == (10, 12)
    assert newest(((1, 8), (10, 12)), 5) == (7, 12)


@settings(max_examples=50)
@given(STRETCHES, st.tuples(st.integers(0, 50), st.integers(0, 50)))
def test_stretches_are_sets_of_minutes(stretches: list[Stretch], done: Stretch) -> None:
    one = joined(stretches)
    assert _minutes(one) == _minutes(stretches)
    if done[0] < done[1]:
        assert _minutes(less(one, done)) == _minutes(one) - _minutes([done])
        assert less(one, done) == joined(less(one, done))
