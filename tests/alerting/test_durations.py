"""Durations as Prometheus writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.durations import SECOND_NS, duration_ns, duration_text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("30s", 30), ("5m", 300), ("1h30m", 5400), ("1d", 86400), ("1w", 604800),
     ("1y", 31536000), ("250ms", 0.25), ("1m0s", 60)],
)  # fmt: skip
def test_read(text: str, seconds: float) -> None:
    assert duration_ns(text) == int(seconds * SECOND_NS)


@pytest.mark.parametrize("text", ["", "5", "m", "1m1h", "-1s", "1.5h", "300y", "1 s"])
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration_ns(text)


@given(st.integers(0, 10**12))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    ns = milliseconds * 1_000_000
    assert duration_ns(duration_text(ns)) == ns
