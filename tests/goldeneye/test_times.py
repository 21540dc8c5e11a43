"""Times as clients write them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.errors import InvalidRequest
from goldeneye.times import MAX_NS, parse_time

NOW_NS = 1_767_225_600_123_456_789


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01t00:00:00.000000001z", 1),
        ("1970-01-01 00:00:00Z", 0),
        ("1970-01-01T00:00:00.1234567899Z", 123_456_789),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("0", 0),
        (1, 1_000_000_000),
        (1.5, 1_500_000_000),
        ("1767225600.123456789", NOW_NS),
        ("-1", -1_000_000_000),
        ("now", NOW_NS),
        ("now-1h", NOW_NS - 3_600 * 10**9),
        ("now+250ms", NOW_NS + 250 * 10**6),
        ("now-2w", NOW_NS - 14 * 86_400 * 10**9),
    ],
)
def test_times(text: str | int | float, expected_ns: int) -> None:
    assert parse_time(text, NOW_NS) == expected_ns


@pytest.mark.parametrize(
    "text",
    [
        *["", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "nan"],
        *["1e400", "inf", "now-1y", "now - 1h", "9999-01-01T00:00:00Z", "1_0", "0x1"],
        *["now-9999999999h", "now-999999999w", "99999999999", "١"],
        *[
            "-9223372036",
            "1899-12-31T23:59:59Z",
            "2150-01-01T00:00:01Z",
            "now-17100w",
            "9223372036",
        ],
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a time"):
        parse_time(text, NOW_NS)


@given(st.integers(0, MAX_NS))
def test_unix_seconds_are_exact(time_ns: int) -> None:
    assert parse_time(f"{time_ns // 10**9}.{time_ns % 10**9:09}", NOW_NS) == time_ns


@given(st.text())
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidRequest):
        parse_time(text, NOW_NS)
