"""Times of day, week, month and year, minute by minute against another way to count."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.routing.time_intervals import (
    Interval,
    Span,
    active,
    day_span,
    location,
    month_span,
    time_of_day,
    time_span,
    weekday_span,
    year_span,
)

BERLIN = ZoneInfo("Europe/Berlin")


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000


def _utc(*parts: int) -> int:
    return _ns(datetime(*parts, tzinfo=UTC))  # type: ignore[misc,arg-type]


def test_an_interval_that_says_nothing_holds_always() -> None:
    assert Interval().contains(0)


def test_the_end_of_a_time_is_excluded() -> None:
    interval = Interval(times=(time_span("09:00", "17:00"),))
    assert not interval.contains(_utc(2026, 1, 1, 8, 59, 59))
    assert interval.contains(_utc(2026, 1, 1, 9))
    assert interval.contains(_utc(2026, 1, 1, 16, 59, 59))
    assert not interval.contains(_utc(2026, 1, 1, 17))


def test_the_whole_day_ends_at_24() -> None:
    assert Interval(times=(time_span("00:00", "24:00"),)).contains(_utc(2026, 1, 1, 23, 59))


def test_days_below_zero_count_from_the_end_of_the_month() -> None:
    last = Interval(days_of_month=(day_span("-1"),))
    assert last.contains(_utc(2024, 2, 29))
    assert not last.contains(_utc(2024, 2, 28))
    assert last.contains(_utc(2026, 2, 28))
    late = Interval(days_of_month=(day_span("30:31"),))
    assert not any(late.contains(_utc(2026, 2, day)) for day in range(1, 29))


def test_the_clock_changes_with_the_place() -> None:
    nine = Interval(times=(time_span("09:00", "10:00"),), location=BERLIN)
    assert nine.contains(_utc(2026, 3, 28, 8))
    assert not nine.contains(_utc(2026, 3, 28, 7))
    assert nine.contains(_utc(2026, 3, 29, 7))
    assert not nine.contains(_utc(2026, 3, 29, 8))


def test_an_hour_that_does_not_exist_holds_never_and_one_that_does_twice_holds_twice() -> None:
    two = Interval(times=(time_span("02:00", "03:00"),), location=BERLIN)
    spring = [two.contains(_utc(2026, 3, 29, 0) + m * 60 * 10**9) for m in range(240)]
    autumn = [two.contains(_utc(2026, 10, 24, 23) + m * 60 * 10**9) for m in range(240)]
    assert (sum(spring), sum(autumn)) == (0, 120)


def test_the_first_that_is_active_is_named() -> None:
    intervals = {
        "night": (Interval(times=(Span(0, 360),)),),
        "sunday": (Interval(weekdays=(Span(0, 0),)),),
    }
    sunday_night = _utc(2026, 1, 4, 1)
    assert active(("sunday", "night"), intervals, sunday_night) == "sunday"
    assert active(("night",), intervals, _utc(2026, 1, 4, 7)) == ""


BROKEN = [
    (weekday_span, "friday:monday", "'friday:monday' ends before it starts"),
    (weekday_span, "mon", "mon is not a valid weekday"),
    (month_span, "0", "'0' is no month of a year"),
    (month_span, "13", "'13' is no month of a year"),
    (month_span, "may:june:july", "'may:june:july' is no range such as first:last"),
    (day_span, "0", "0 is not a valid day of the month: out of range"),
    (day_span, "32", "32 is not a valid day of the month: out of range"),
    (day_span, "-1:1", "end day must be negative if start day is negative"),
    (day_span, "31:-31", "end day -31 is always before start day 31"),
    (year_span, "2027:2026", "'2027:2026' ends before it starts"),
    (year_span, "soon", "'soon' is no whole number"),
    (time_of_day, "24:01", "'24:01' is no time between 00:00 and 24:00"),
    (time_of_day, "9:00", "'9:00' is no time between 00:00 and 24:00"),
    (location, "Mars/Base", "unknown time zone Mars/Base"),
    (location, "../etc/passwd", "unknown time zone ../etc/passwd"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "text", "reason"), BROKEN, ids=[f"{b[1]}" for b in BROKEN])
def test_what_is_refused(read: object, text: str, reason: str) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match="^" + reason.replace("(", r"\(") + "$"):
        read(text)


def test_names_are_read_in_any_case() -> None:
    assert weekday_span("Monday:FRIDAY") == Span(1, 5)
    assert month_span("March:12") == Span(3, 12)


DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(_ZONES),
    st.datetimes(datetime(2023, 1, 1), datetime(2027, 12, 30)),
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda t: t[0] < t[1]),
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda d: d[0] <= d[1]),
    st.sampled_from(["1:15", "-3:-1", "10:-5", "31", "-31:-20", "28:31"]),
    st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda m: m[0] <= m[1]),
)
def test_minute_by_minute(
    zone: str,
    start: datetime,
    times: tuple[int, int],
    days: tuple[int, int],
    month_days: str,
    months: tuple[int, int],
) -> None:
    interval = Interval(
        times=(Span(*times),),
        weekdays=(weekday_span(f"{DAYS[days[0]]}:{DAYS[days[1]]}"),),
        days_of_month=(day_span(month_days),),
        months=(Span(*months),),
        location=location(zone),
    )
    first = start.replace(tzinfo=UTC, second=0, microsecond=0)
    for minute in range(0, 2 * 1440, 7):
        local = (first + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
        wanted = (
            f"{times[0] // 60:02}:{times[0] % 60:02}"
            <= local.strftime("%H:%M")
            < f"{times[1] // 60:02}:{times[1] % 60:02}"
            and local.strftime("%A").lower() in DAYS[days[0] : days[1] + 1]
            and local.day in _days(local, month_days)
            and months[0] <= local.month <= months[1]
        )
        assert interval.contains(_ns(first + timedelta(minutes=minute))) is wanted


def _days(local: datetime, text: str) -> list[int]:
    """Days of the month, counted on the fingers."""
    following = (local.replace(day=28, fold=0) + timedelta(days=4)).replace(day=1)
    length = (following - timedelta(days=1)).day
    month = list(range(1, length + 1))
    first, _, last = text.partition(":")
    begin, end = ((int(d) - 1 if int(d) > 0 else length + int(d)) for d in (first, last or first))
    return month[max(begin, 0) : max(end, -1) + 1]
