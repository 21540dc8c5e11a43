"""Ranges of time: their defaults, and what is none."""

import pytest

from goldeneye.errors import InvalidRequest
from query.asking.window import HOUR_NS, open_window, window

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
