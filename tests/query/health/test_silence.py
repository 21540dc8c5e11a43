"""How long a service may be silent, by its own gaps or by the services file."""

import numpy as np
import pytest

from query.health.silence import Silence, expected, silent_minutes
from query.services.services_file import ServiceEntry

MINUTE_NS = 60 * 10**9
NOW = 100_000
NOW_NS = NOW * MINUTE_NS


@pytest.mark.parametrize(
    ("ago", "minutes"),
    [
        ([30, 29, 28, 27, 26], 10),
        ([500, 499, 498, 100, 99, 98], 10),
        ([241, 181, 121, 61, 1], 118),
        ([120, 100, 50, 40], 38),
        ([70, 9], 120),
        ([9], 1_440),
        ([1_400, 500, 1], 996),
        ([1_440, 1_439, 1_438], 10),
        ([1_441, 5], 1_440),
    ],
    ids=["steady", "outage", "hourly", "second", "one-gap", "once", "rare", "edge", "yesterday"],
)
def test_twice_the_second_longest_gap_of_a_day(ago: list[int], minutes: float) -> None:
    active = NOW - np.array(ago)
    assert expected(None, active, NOW_NS) == Silence(minutes, "derived")


def test_the_services_file_knows_better() -> None:
    entry = ServiceEntry(expected_silence="90s")
    silence = expected(entry, NOW - np.array([9]), NOW_NS)
    assert silence == Silence(1.5, "services_file")
    assert expected(ServiceEntry(), NOW - np.array([9]), NOW_NS).source == "derived"


def test_silence_counts_from_the_end_of_the_last_minute() -> None:
    silence = Silence(10, "derived")
    assert silence.broken(NOW - 11, NOW_NS) is None
    broken = silence.broken(NOW - 11, NOW_NS + 1_000_000)
    assert broken is not None
    assert (broken.state, broken.threshold) == ("silent", 600)
    assert broken.value == pytest.approx(600.001)


def test_minutes_of_silence() -> None:
    """Of a gap those beyond what is expected; none before the service's first minute."""
    active = np.array([NOW, NOW + 1, NOW + 15])
    silence = Silence(10, "derived")
    found = silent_minutes(active, silence, NOW - 100, NOW + 30)
    assert list(found - NOW) == [12, 13, 14, 26, 27, 28, 29]
