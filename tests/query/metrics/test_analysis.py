"""The analysis of metrics over HTTP, reckoned by hand."""

import statistics
from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS
from support.metric_requests import (
    DELTA,
    buckets,
    counter,
    gauge,
    histogram,
    metric_request,
    point,
)

# A line of 2 a minute, but for one value that stands out.
LINE = [2.0 * n for n in range(20)]
BROKEN = [*LINE[:10], 500.0, *LINE[11:]]


def _at(minute: float) -> int:
    """So many minutes after 40 minutes ago."""
    return START_NS + int((minute - 40) * MINUTE_NS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Every other point is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for metric in _metrics(half):
                made.send(metric_request(metric))
            if half == 0:
                made.flush()
        yield made


def _metrics(half: int) -> Iterator[Any]:
    mine = range(half, 20, 2)
    for name, values in (("line", LINE), ("broken", BROKEN)):
        yield gauge(name, [point(_at(n), values[n]) for n in mine])
    yield gauge("noise", [point(_at(n), float(n % 2)) for n in mine])
    yield gauge("flat", [point(_at(n), 7.0) for n in mine])
    # 60 a minute; it begins anew at the tenth, at zero.
    counted = [60 * (n if n < 10 else n - 9) for n in range(20)]
    yield counter("requests", [point(_at(n), counted[n]) for n in mine])
    started = [point(_at(n), 30) for n in mine]
    for one in started:
        one.start_time_unix_nano = one.time_unix_nano - 10 * 10**9
    yield counter("events", started, DELTA)
    # Each minute one more, which took 4 s.
    growing = [buckets(_at(n), (n, 0), (5.0,), _at(-500), total=4.0 * n) for n in mine]
    yield histogram("durations", growing)


def _analysis(whole: Backend, name: str, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = whole.get(f"/api/v1/metrics/{name}/analysis", params)
    return found


def test_a_line(whole: Backend) -> None:
    found = _analysis(whole, "line", q=["0.5", "0.9"])
    assert (found["count"], found["series_count"], found["of"]) == (20, 1, "value")
    assert (found["min"], found["max"], found["mean"], found["median"]) == (0, 38, 19, 19)
    assert found["standard_deviation"] == pytest.approx(statistics.stdev(LINE))
    assert found["percentiles"] == {"0.5": 19.0, "0.9": pytest.approx(34.2)}
    assert found["trend"]["direction"] == "rising"
    assert found["trend"]["rate_per_hour"] == pytest.approx(120)
    assert found["trend"]["change"] == pytest.approx(38)
    assert found["trend"]["r2"] == pytest.approx(1)
    assert found["outliers"]["count"] == 0
    assert found["start"] == "2025-12-31T23:00:00.000000000Z"


def test_what_stands_out(whole: Backend) -> None:
    """The quartiles of the other nineteen and 500 are 9.5 and 28.5 or so."""
    outliers = _analysis(whole, "broken")["outliers"]
    q1, _, q3 = statistics.quantiles(BROKEN, n=4, method="inclusive")
    assert outliers["low"] == pytest.approx(q1 - 1.5 * (q3 - q1))
    assert outliers["high"] == pytest.approx(q3 + 1.5 * (q3 - q1))
    assert outliers["count"] == 1
    assert outliers["values"][0]["value"] == 500.0
    assert outliers["values"][0]["time"] == "2025-12-31T23:30:00.000000000Z"


@pytest.mark.parametrize("name", ["noise", "flat"])
def test_no_trend(whole: Backend, name: str) -> None:
    assert _analysis(whole, name)["trend"]["direction"] == "flat"


def test_a_counter_is_looked_at_by_its_rate(whole: Backend) -> None:
    """Of the first nothing is known, and the tenth begins anew with 60."""
    found = _analysis(whole, "requests")
    assert (found["of"], found["count"], found["min"], found["max"]) == ("rate", 19, 1.0, 1.0)
    assert _analysis(whole, "requests", of="value")["max"] == 600
    later = _analysis(whole, "requests", start="now-30m")
    assert (later["count"], later["mean"]) == (10, 1.0)


def test_deltas_are_of_the_time_that_they_say(whole: Backend) -> None:
    found = _analysis(whole, "events")
    assert (found["count"], found["min"], found["max"]) == (20, 3.0, 3.0)


def test_a_histogram_is_looked_at_by_its_mean(whole: Backend) -> None:
    found = _analysis(whole, "durations")
    assert (found["of"], found["count"], found["min"], found["max"]) == ("mean", 19, 4.0, 4.0)


def test_without_points_in_the_range(whole: Backend) -> None:
    found = _analysis(whole, "line", end="now-50m")
    assert (found["count"], found["mean"], found["trend"], found["outliers"]) == (
        0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("name", "params", "status", "words"),
    [
        ("lin", {}, 404, "did you mean line?"),
        ("line", {"of": "mean"}, 400, "of: a gauge has no mean"),
        ("durations", {"of": "rate"}, 400, "of: a histogram has no rate"),
        ("line", {"q": "2"}, 400, "q: '2'"),
        ("line", {"attribute": "x"}, 400, "an operator is expected"),
        ("line", {"metric": "x"}, 400, "metric"),
    ],
)
def test_what_is_wrong_is_said(
    whole: Backend, name: str, params: dict[str, str], status: int, words: str
) -> None:
    assert words in whole.problem(f"/api/v1/metrics/{name}/analysis", params, status)
