"""What counters grew by, minute for minute."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.slo.increases import BASE_MINUTES, increases

NAN = float("nan")


def _grown(values: dict[int, float], first: int = 0) -> dict[int, float]:
    minute, grown = increases(
        np.array(sorted(values), np.int64), np.array([values[m] for m in sorted(values)]), first
    )
    return dict(zip(minute.tolist(), grown.tolist(), strict=True))


@pytest.mark.parametrize(
    ("values", "grown"),
    [
        pytest.param({1: 10, 2: 15, 3: 15}, {2: 5, 3: 0}, id="grows"),
        pytest.param({1: 100, 2: 7, 3: 9}, {2: 7, 3: 2}, id="began anew at nothing"),
        pytest.param({1: 10, 4: 16}, {4: 6}, id="was silent for a while"),
        pytest.param({1: 10, 4: 3}, {4: 3}, id="began anew while it was silent"),
        pytest.param({1: 10, 2: NAN, 3: 12}, {3: 2}, id="ended and is back"),
        pytest.param({5: 1_000}, {}, id="nobody knows since when"),
        pytest.param({1: 10, 2 + BASE_MINUTES: 30}, {}, id="was silent for too long"),
    ],
)
def test_each_minute_adds_what_it_grew_by(
    values: dict[int, float], grown: dict[int, float]
) -> None:
    assert _grown(values) == grown


@settings(max_examples=50)
@given(
    st.dictionaries(st.integers(0, 60), st.integers(0, 20).map(float), max_size=30),
    st.integers(0, 60),
)
def test_a_minute_is_the_same_whichever_are_asked_with_it(
    values: dict[int, float], first: int
) -> None:
    seen = {m: v for m, v in values.items() if m >= first - BASE_MINUTES}
    whole = _grown(values)
    assert _grown(seen, first) == {m: v for m, v in whole.items() if m >= first}
