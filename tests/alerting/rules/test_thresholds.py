"""Comparisons with a number."""

import pytest

from alerting.rules.thresholds import Threshold, threshold


@pytest.mark.parametrize(
    ("text", "below", "same", "above"),
    [
        ("> 5", False, False, True),
        (" >=5 ", False, True, True),
        ("<5", True, False, False),
        ("<= 5.0", True, True, False),
        ("== 5", False, True, False),
        ("!= 5e0", True, False, True),
    ],
)
def test_which_values_hold(text: str, below: bool, same: bool, above: bool) -> None:
    read = threshold(text)
    assert read == Threshold(text.split("5")[0].strip(), 5.0)
    assert [read.holds(value) for value in (4.9, 5.0, 5.1)] == [below, same, above]


@pytest.mark.parametrize("text", ["", "5", "> ", "=> 5", "> five", "> nan", "> inf", "> 5 6"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no threshold, such as '> 10'"):
        threshold(text)
