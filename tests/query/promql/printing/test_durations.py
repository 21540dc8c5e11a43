"""Durations are printed as Prometheus prints them, and read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.promql.printing.durations import duration_text
from query.promql.testing.notation import milliseconds


@pytest.mark.parametrize(
    ("duration_ms", "printed"),
    [
        (0, "0s"),
        (1, "1ms"),
        (90_000, "1m30s"),
        (86_400_000, "1d"),
        (7 * 86_400_000, "1w"),
        (8 * 86_400_000, "8d"),
        (365 * 86_400_000, "1y"),
        (366 * 86_400_000, "366d"),
        (14 * 86_400_000 + 5, "14d5ms"),
        (-5_400_000, "-1h30m"),
    ],
)
def test_durations(duration_ms: int, printed: str) -> None:
    assert duration_text(duration_ms) == printed


@settings(max_examples=50)
@given(st.integers(-(10**13), 10**13))
def test_they_read_back(duration_ms: int) -> None:
    assert milliseconds(duration_text(duration_ms)) == duration_ms
