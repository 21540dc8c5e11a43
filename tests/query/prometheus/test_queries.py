"""Queries of PromQL over what came in as OTLP, with answers reckoned by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import DataPointFlags, Metric
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import DELTA, counter, gauge, metric_request, point

STALE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
QUERY = "/prometheus/api/v1/query"
RANGE = "/prometheus/api/v1/query_range"
START_S = START_NS // 10**9
STEP_NS = 15 * 10**9


def _at(number: int) -> int:
    """The time of the step, each 15 s, of which the 40th is now."""
    return START_NS + (number - 40) * STEP_NS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Every other point is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for service in ("shop", "cart"):
                for metric in _metrics(range(half, 41, 2), service):
                    made.send(metric_request(metric, service))
            if half == 0:
                made.flush()
        yield made


def _metrics(steps: range, service: str) -> Iterator[Metric]:
    speed = {"shop": 30, "cart": 15}[service]
    for code in (200, 500):
        each = speed if code == 200 else 15
        yield counter("http.requests", [point(_at(n), each * n, code=code) for n in steps])
    yield gauge("queue.size", [point(_at(n), float(n)) for n in steps], "By")
    ended = [point(_at(n), 1.0) for n in steps if n < 30]
    for one in ended:
        if one.time_unix_nano == _at(29):
            one.ClearField("value")
            one.flags = STALE
    yield gauge("ended", ended, "")
    sent = [point(_at(n), 3) for n in steps]
    for one in sent:
        one.start_time_unix_nano = one.time_unix_nano - STEP_NS
    yield counter("events", sent, DELTA)


def _vector(whole: Backend, query: str, **more: Any) -> dict[tuple[tuple[str, str], ...], str]:
    data = whole.get(QUERY, {"query": query, "time": START_S, **more})["data"]
    assert data["resultType"] == "vector"
    return {tuple(sorted(one["metric"].items())): one["value"][1] for one in data["result"]}


def test_a_counter_has_its_suffix_and_its_service(whole: Backend) -> None:
    found = _vector(whole, "http_requests_total")
    assert found == {
        (
            ("__name__", "http_requests_total"),
            ("code", code),
            ("job", job),
            ("service_name", job),
        ): (value)
        for job, code, value in (
            ("shop", "200", "1200"),
            ("shop", "500", "600"),
            ("cart", "200", "600"),
            ("cart", "500", "600"),
        )
    }


def test_rates_by_service_over_a_range(whole: Backend) -> None:
    """Steps of 15 s, of which some begin in files and end hot."""
    asked = {
        "query": "sum by (service_name) (rate(http_requests_total[2m]))",
        "start": START_S - 300,
        "end": START_S,
        "step": "15s",
    }
    data = whole.get(RANGE, asked)["data"]
    assert data["resultType"] == "matrix"
    times = [START_S - 300 + 15 * n for n in range(21)]
    cart, shop = data["result"]
    assert (cart["metric"], shop["metric"]) == ({"service_name": "cart"}, {"service_name": "shop"})
    for one, rate in ((cart, 2), (shop, 3)):
        assert [time for time, _ in one["values"]] == times
        assert [float(value) for _, value in one["values"]] == pytest.approx([rate] * 21)


def test_a_form_asks_as_the_address_does(whole: Backend) -> None:
    asked = {"query": 'queue_size_bytes{job="shop"}', "time": str(START_S)}
    answer = whole.client.post(QUERY, data=asked)
    assert answer.json()["data"]["result"][0]["value"] == [START_S, "40"]


def test_a_stale_point_ends_a_series(whole: Backend) -> None:
    before, after = (_at(28) // 10**9, _at(29) // 10**9)
    assert len(_vector(whole, "ended", time=before)) == 2
    assert _vector(whole, "ended", time=after) == {}


def test_deltas_are_a_counter(whole: Backend) -> None:
    assert _vector(whole, 'increase(events_total{job="shop"}[1m])') == {
        (("job", "shop"), ("service_name", "shop")): "12"
    }


def test_of_points_of_one_time_that_received_last_counts(tmp_path: Path) -> None:
    """Though it is in the file that begins earlier, which is read first."""
    with backend(tmp_path) as made:
        for points in ([point(_at(40), 1.0)], [point(_at(39), 5.0), point(_at(40), 2.0)]):
            made.send(metric_request(gauge("sent.twice", points, ""), "shop"))
            made.clock.advance(0.001)
            made.flush()
        assert list(_vector(made, "sent_twice").values()) == ["2"]
        assert list(_vector(made, "sum_over_time(sent_twice[1m])").values()) == ["7"]
