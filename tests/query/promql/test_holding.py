"""How many samples a query may hold at its peak: as many as Prometheus counts."""

import pytest

from query.promql.engine import Engine, Limits
from query.promql.errors import TooManySamples
from query.promql.holding import histogram_size
from query.promql.labels import from_mapping
from query.promql.memory import MemorySource
from query.promql.native.histogram import Histogram

SERIES, STEPS, STEP_MS = 4, 5, 60_000


def _engine(max_samples: int) -> Engine:
    """Four series with a sample each 15 s."""
    source = MemorySource()
    for number in range(SERIES):
        labels = from_mapping({"__name__": "m", "host": f"h{number}"})
        source.add(labels, [(time, float(number)) for time in range(0, 600_000, 15_000)])
    return Engine(source, Limits(max_samples=max_samples))


@pytest.mark.parametrize(
    ("query", "peak"),
    [
        ("m", SERIES * STEPS),
        # Both sides and what they give.
        ("m + m", 3 * SERIES * STEPS),
        # The sum of the first two is held, beside the third and the whole.
        ("m + m + m", 3 * SERIES * STEPS),
        ("m * 2", (2 * SERIES + 1) * STEPS),
        ("sum(m)", (SERIES + 1) * STEPS),
        ("sum(m) + sum(m)", (SERIES + 2) * STEPS),
        ("abs(sum(m))", (SERIES + 1) * STEPS),
        # A window is held of one series at a time.
        ("sum_over_time(m[1m])", SERIES * STEPS),
        ("sum_over_time(m[5m:15s])", None),
        ("5", STEPS),
    ],
)
def test_the_peak_is_what_counts(query: str, peak: int | None) -> None:
    if peak is None:
        # The inner steps from 4:45 before the first to the last, and what they are made to.
        peak = SERIES * (20 + 4 * (STEPS - 1)) + SERIES * STEPS
    asked = (query, 300_000, 300_000 + (STEPS - 1) * STEP_MS, STEP_MS)
    _engine(peak).range(*asked)
    with pytest.raises(TooManySamples):
        _engine(peak - 1).range(*asked)


def test_a_range_vector_is_held_whole() -> None:
    _engine(SERIES * 4).instant("m[1m]", 300_000)
    with pytest.raises(TooManySamples):
        _engine(SERIES * 4 - 1).instant("m[1m]", 300_000)


def test_a_long_window_of_one_series_counts() -> None:
    _engine(20).instant("sum(sum_over_time(m[5m]))", 300_000)
    with pytest.raises(TooManySamples):
        _engine(19).instant("sum(sum_over_time(m[5m]))", 300_000)


def test_a_histogram_is_many_samples() -> None:
    assert histogram_size(Histogram()) == 11
    assert histogram_size(Histogram(positive=dict.fromkeys(range(10), 1.0))) == 16
