"""Rollups say what the points say, step by step, whatever came when; rows of short periods combine
to those of long ones."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rolled_up import (
    SECOND_NS,
    SETTLED_S,
    START_NS,
    Row,
    check,
    opened,
    send,
    some_points,
)

from goldeneye.clock import DAY_NS, HOUR_NS, ManualClock


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=True), st.lists(st.integers(1, 300), min_size=1, max_size=3))
def test_rollups_are_what_the_points_say(
    tmp_path_factory: pytest.TempPathFactory, random: Random, sizes: list[int]
) -> None:
    """Late arrivals included, and when the day is over too."""
    data_dir = tmp_path_factory.mktemp("data")
    clock = ManualClock(START_NS + 3 * HOUR_NS)
    sent: list[Row] = []
    with opened(data_dir, clock) as storage:
        for size in sizes:
            sent += send(storage, clock, some_points(random, size))
            clock.advance(SETTLED_S)
            storage.tick()
            check(data_dir, sent)
        clock.advance(2 * DAY_NS / SECOND_NS)
        sent += send(storage, clock, some_points(random, 10))
        clock.advance(SETTLED_S)
        storage.tick()
        check(data_dir, sent)
        assert len(list((data_dir / "lake" / "metric_rollups").rglob("*.parquet"))) == 1
