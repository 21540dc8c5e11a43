"""Periods of the calendar where the clocks change."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.slo.calendar_window import CalendarWindow, Unit, day_edges, epoch_minute

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"


def _utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) // 60  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ((2026, 3, 8, 12), (2026, 3, 1, 5), (2026, 4, 1, 4)),
        ((2026, 11, 21), (2026, 11, 1, 4), (2026, 12, 1, 5)),
        ((2026, 11, 1, 3, 59), (2026, 10, 1, 4), (2026, 11, 1, 4)),
    ],
    ids=["into summer", "out of summer", "the last minute"],
)
def test_a_month_of_new_york_begins_at_its_midnight(
    now: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    month = CalendarWindow(1, "M", datetime(2022, 1, 1), NEW_YORK)
    assert month.period(_utc(*now)) == (_utc(*start), _utc(*end))


def test_months_from_the_31st_end_on_the_last_day_and_do_not_drift() -> None:
    month = CalendarWindow(1, "M", datetime(2026, 1, 31), "UTC")
    assert month.period(_utc(2026, 3, 1)) == (_utc(2026, 2, 28), _utc(2026, 3, 31))
    assert month.period(_utc(2026, 3, 1), back=1) == (_utc(2026, 1, 31), _utc(2026, 2, 28))


def test_before_its_start_the_calendar_goes_on() -> None:
    quarter = CalendarWindow(1, "Q", datetime(2030, 1, 1), "UTC")
    assert quarter.period(_utc(2026, 11, 21)) == (_utc(2026, 10, 1), _utc(2027, 1, 1))


def test_the_week_of_the_change_has_an_hour_more() -> None:
    week = CalendarWindow(1, "w", datetime(2001, 1, 1), BERLIN)
    start, end = week.period(_utc(2026, 10, 22))
    assert (start, end - start) == (_utc(2026, 10, 18, 22), 7 * 1440 + 60)


def test_days_are_23_and_25_hours_long() -> None:
    spring = day_edges(_utc(2026, 3, 28, 23), _utc(2026, 3, 30, 22), BERLIN)
    assert [b - a for a, b in pairwise(spring)] == [23 * 60, 24 * 60]
    autumn = day_edges(_utc(2026, 10, 24, 22), _utc(2026, 10, 25, 23), BERLIN)
    assert [b - a for a, b in pairwise(autumn)] == [25 * 60]


def test_a_part_of_a_day_is_a_day_of_its_own() -> None:
    assert day_edges(100, 1500, "UTC") == (100, 1440, 1500)


def test_a_time_that_the_clocks_skip_is_the_one_after() -> None:
    assert epoch_minute(datetime(2026, 3, 29, 2, 30), BERLIN) == _utc(2026, 3, 29, 1, 30)


@given(
    st.integers(_utc(1990, 1, 1), _utc(2040, 1, 1)),
    st.sampled_from([NEW_YORK, BERLIN, "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
    st.sampled_from(["d", "w", "M", "Q", "Y"]),
    st.integers(1, 3),
)
def test_each_minute_is_in_one_period_and_the_periods_touch(
    minute: int, zone: str, unit: Unit, count: int
) -> None:
    window = CalendarWindow(count, unit, datetime(2022, 1, 31, 12), zone)
    start, end = window.period(minute)
    assert start <= minute < end
    assert window.period(start) == (start, end)
    assert window.period(minute, back=1)[1] == start
    assert window.period(end)[0] == end
