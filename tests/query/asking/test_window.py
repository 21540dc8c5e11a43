"""Ranges of time: their defaults, and what is none."""

import pytest

from goldeneye.errors import InvalidRequest
from query.asking.window import HOUR_NS, Window, open_window, shifted, window

NOW_NS = 1_767_225_600_000_000_000


def test_the_default_is_the_time_before_the_end() -> None:
    assert window(None, None, NOW_NS) == (NOW_NS - HOUR_NS, NOW_NS)
    assert window(None, "now-1h", NOW_NS, 10) == (NOW_NS - HOUR_NS - 10, NOW_NS - HOUR_NS)
    assert window("now-2h", None, NOW_NS) == (NOW_NS - 2 * HOUR_NS, NOW_NS)
    assert open_window(None, None, NOW_NS) == (None, None)


@pytest.mark.parametrize(("start", "end"), [("now", "now"), ("now", "now-1s"), ("now+1s", None)])
def test_a_range_that_ends_before_it_starts_is_refused(start: str, end: str | None) -> None:
    with pytest.raises(InvalidRequest, match=r"^start: is not before end"):
        window(start, end, NOW_NS)


def test_an_error_names_the_parameter() -> None:
    with pytest.raises(InvalidRequest, match=r"^end: 'soon' is not a time"):
        open_window(None, "soon", NOW_NS)
    with pytest.raises(InvalidRequest, match=r"^baseline_start: 'x' is not a time"):
        window("x", None, NOW_NS, name="baseline_")


def test_a_range_stays_within_the_times_that_there_are() -> None:
    assert shifted(Window(NOW_NS, NOW_NS + 10), 5, "compare") == (NOW_NS - 5, NOW_NS + 5)
    for earlier_ns in (3 * NOW_NS, -3 * NOW_NS):
        with pytest.raises(InvalidRequest, match=r"^compare: leads out of the years"):
            shifted(Window(NOW_NS, NOW_NS + 10), earlier_ns, "compare")
    with pytest.raises(InvalidRequest, match=r"^start: is before 1900"):
        window(None, "1900-01-01T00:00:00Z", NOW_NS)
