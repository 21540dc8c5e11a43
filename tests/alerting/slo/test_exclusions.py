"""Maintenance takes good and bad out alike."""

from datetime import UTC, datetime, time

from alerting.durations import MINUTE_NS
from alerting.slo.exclusions import Interval, Weekly, without
from alerting.slo.minutes import Minutes

HOUR = Minutes.of_deltas(range(60), [0] * 60, [1] * 60)


def test_every_minute_that_is_touched_is_left_out() -> None:
    interval = Interval(10 * MINUTE_NS + 1, 12 * MINUTE_NS + 1)
    assert set(range(60)) - set(without(HOUR, (interval,)).minute.tolist()) == {10, 11, 12}


def test_a_whole_minute_does_not_touch_its_neighbours() -> None:
    interval = Interval(10 * MINUTE_NS, 11 * MINUTE_NS)
    assert set(range(60)) - set(without(HOUR, (interval,)).minute.tolist()) == {10}


def test_exclusions_that_overlap_are_one() -> None:
    both = (Interval(0, 30 * MINUTE_NS), Interval(20 * MINUTE_NS, 60 * MINUTE_NS))
    assert len(without(HOUR, both).minute) == 0


def test_nothing_is_taken_out_of_nothing() -> None:
    assert len(without(Minutes.none(), (Interval(0, MINUTE_NS),)).minute) == 0


def test_a_weekly_night_ends_the_next_morning_by_the_clocks_of_its_zone() -> None:
    """Saturday 24 October 2026, 23:00 to Sunday 04:00 in Berlin: six hours, for one comes twice."""
    first = int(datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp()) // 60
    minutes = Minutes.of_deltas(range(first, first + 1440), [1] * 1440, [1] * 1440)
    night = Weekly((5,), time(23), time(4), "Europe/Berlin")
    kept = set(without(minutes, (night,)).minute.tolist())
    begin = int(datetime(2026, 10, 24, 21, tzinfo=UTC).timestamp()) // 60
    assert set(minutes.minute.tolist()) - kept == set(range(begin, begin + 6 * 60))


def test_a_night_that_began_before_the_first_row_still_counts() -> None:
    monday = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp()) // 60
    minutes = Minutes.of_deltas([monday, monday + 60], [1, 1], [1, 1])
    sunday_night = Weekly((6,), time(22), time(1), "UTC")
    assert without(minutes, (sunday_night,)).minute.tolist() == [monday + 60]
