"""Windows that last longer than what is kept."""

import pytest
from support.slo_documents import NATIVE, OPENSLO, only

from alerting.slo.retaining import Kept, check
from goldeneye.errors import ConfigurationError

DAY = 1_440
KEPT = Kept(slo=400 * DAY, spans=30 * DAY, metrics=90 * DAY, rollups=400 * DAY)
QUARTER = ("window: 30d", "window: 12w")
SLOW = ("good: status != error", "good: duration < 1s")


def test_a_window_that_outlasts_its_minutes_is_refused() -> None:
    with pytest.raises(ConfigurationError) as refused:
        check([only(NATIVE)], Kept(7 * DAY, 30 * DAY, 90 * DAY, 400 * DAY))
    assert str(refused.value) == (
        "slo.yaml:3: the window of checkout is longer than retention.slo (1w): "
        "its beginning would be forgotten"
    )
    assert check([only(NATIVE)], Kept(30 * DAY, 30 * DAY, 90 * DAY, 400 * DAY)) == []


def test_a_window_that_outlasts_its_data_is_warned_of() -> None:
    assert check([only(NATIVE, QUARTER), only(NATIVE, SLOW)], KEPT) == []
    assert check([only(NATIVE, QUARTER, SLOW)], KEPT) == [
        "slo.yaml:3: the window of checkout is longer than retention.spans (30d): "
        "while it is new, only so much of its past is counted"
    ]
    (of_metrics,) = check([only(OPENSLO, ("30d", "13w"))], KEPT)
    assert "retention.metrics (90d)" in of_metrics


def test_nobody_knows_what_a_statement_reads() -> None:
    text = NATIVE.replace("    spans: {operation: POST /checkout}\n    good: status != error\n", "")
    source = "{source: {sql: SELECT 1}, op: lt, value: 5}"
    assert check([only(f"{text}    threshold: {source}\n", QUARTER)], KEPT) == []
