"""When groups are evaluated."""

from hypothesis import given
from hypothesis import strategies as st

from alerting.rules.definitions import Group
from alerting.rules.schedule import Schedule, Slot, offset_ns

NS = st.integers(min_value=0, max_value=1 << 62)


def test_a_group_keeps_its_offset_and_others_have_others() -> None:
    offsets = {offset_ns(Group(f"g{number}", file="f"), 60_000) for number in range(50)}
    assert offset_ns(Group("g0", file="f"), 60_000) in offsets
    assert len(offsets) > 40


def test_the_interval_of_the_group_comes_first() -> None:
    assert Schedule.of(Group("g", interval_ns=7), 60).interval_ns == 7
    assert Schedule.of(Group("g"), 60).interval_ns == 60


def test_slots_lie_on_the_grid() -> None:
    schedule = Schedule(interval_ns=10, offset_ns=3)
    assert [schedule.slot_before(now) for now in (12, 13, 22, 23)] == [3, 13, 13, 23]
    assert schedule.next_after(13) == 23
    assert schedule.due(13, 22) is None
    assert schedule.due(13, 23) == Slot(23, 0)
    assert schedule.due(13, 55) == Slot(53, 3)


@given(
    now=NS,
    last=NS,
    interval=st.integers(min_value=1, max_value=1 << 50),
    offset=st.integers(min_value=0, max_value=1 << 50),
)
def test_no_slot_is_lost_or_twice(now: int, last: int, interval: int, offset: int) -> None:
    schedule = Schedule(interval, offset % interval)
    last = schedule.slot_before(last)
    slot = schedule.due(last, now)
    if last > now:
        # Evaluations do not wait for a clock that was set back.
        assert slot == Slot(schedule.slot_before(now), 0)
    elif slot is None:
        assert now < schedule.next_after(last)
    else:
        assert now - interval < slot.at_ns <= now
        assert slot.at_ns == last + (slot.missed + 1) * interval
