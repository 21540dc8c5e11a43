"""Times and numbers as JSON has them."""

import pytest

from alerting.plain import moment, number, number_text, rfc3339


def test_times_have_nanoseconds() -> None:
    assert rfc3339(1_767_225_600_000_000_001) == "2026-01-01T00:00:00.000000001Z"
    assert rfc3339(-1) == "1969-12-31T23:59:59.999999999Z"
    assert (moment(0), moment(1)) == (None, "1970-01-01T00:00:00.000000001Z")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (0.25, "0.25"), (float("nan"), "NaN"), (float("-inf"), "-Inf"), (1e22, "1e+22")],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text
    assert number(value) in (value, text)
