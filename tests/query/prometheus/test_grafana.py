"""What the frontend of Grafana's Prometheus data source asks, in its parameters and headers."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS
from support.metric_requests import buckets, counter, histogram, metric_request, point

ROOT = "/prometheus/api/v1"
NOW_S = START_NS // 10**9
# Grafana brings ranges to whole minutes, so that answers can be remembered.
RANGE = {"start": str(NOW_S - 3600), "end": str(NOW_S + 60)}
LIMIT = "40000"
HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "gzip",
    "User-Agent": "Grafana/13.1.0",
    "X-Grafana-Cache": "private, max-age=60",
    "X-Grafana-Org-Id": "1",
    "X-Dashboard-Uid": "",
    "X-Panel-Id": "undefined",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Half is in files."""
    slow = buckets(START_NS - MINUTE_NS, (1, 2, 3), (0.1, 0.5))
    slow.exemplars.add(time_unix_nano=START_NS - MINUTE_NS, as_double=0.3, trace_id=b"\x03" * 16)
    with backend(tmp_path_factory.mktemp("data")) as made:
        made.send(metric_request(histogram("latency", [slow])))
        made.flush()
        requests = [point(START_NS - MINUTE_NS, 5, code=code) for code in (200, 500)]
        made.send(metric_request(counter("http.requests", requests)))
        yield made


def _get(whole: Backend, path: str, **params: Any) -> Any:
    return whole.get(f"{ROOT}/{path}", params, headers=HEADERS)["data"]


def _posted(whole: Backend, path: str, **form: Any) -> Any:
    response = whole.client.post(f"{ROOT}/{path}", data=form, headers=HEADERS)
    assert response.status_code == 200, response.text
    return response.json()["data"]


def test_exemplars_are_there_when_asked_in_milliseconds(whole: Backend) -> None:
    """So it asks at first, and shows no exemplars where the answer is an error."""
    asked = {"query": "test", "start": f"{NOW_S - 1800}000", "end": f"{NOW_S}000"}
    assert _get(whole, "query_exemplars", **asked) == []
    assert _get(whole, "labels", **asked) == []


@pytest.mark.parametrize("end", ["1e300", "-1e300", "9223372037", "99999999999999999999"])
def test_what_is_listed_may_end_when_nothing_can_be(whole: Backend, end: str) -> None:
    found = _get(whole, "label/job/values", start="-1e300", end=end)
    assert found == ([] if end.startswith("-") else ["shop"])


@pytest.mark.parametrize("time", ["NaN", "Inf", "-Inf"])
def test_no_number_is_no_time(whole: Backend, time: str) -> None:
    response = whole.client.get(f"{ROOT}/labels", params={"start": time})
    assert response.status_code == 400
    assert f'cannot parse "{time}" to a valid timestamp' in response.json()["error"]


def test_the_metrics_of_the_browser(whole: Backend) -> None:
    names = _get(whole, "label/__name__/values", limit=LIMIT, **RANGE)
    assert names == [
        "http_requests_total",
        *("latency_seconds_bucket", "latency_seconds_count", "latency_seconds_sum"),
    ]
    typed = {"match[]": '{__name__=~".*(?i:LATENCY).*",job="shop"}'}
    found = _get(whole, "label/__name__/values", limit="1000", **typed, **RANGE)
    assert found == names[1:]


def test_the_labels_of_the_query_builder(whole: Backend) -> None:
    chosen = {"match[]": '{__name__="http_requests_total",code!="500"}'}
    asked = {"limit": LIMIT, **RANGE, **chosen}
    keys = ["__name__", "code", "job", "service_name"]
    assert _get(whole, "labels", **asked) == _posted(whole, "labels", **asked) == keys
    assert _get(whole, "label/code/values", **asked) == ["200"]


def test_the_series_of_older_settings(whole: Backend) -> None:
    """With `seriesEndpoint` all that is listed is taken from series."""
    asked = {"match[]": '{__name__=~"http_requests_total",code!=""}', "limit": LIMIT, **RANGE}
    found = _posted(whole, "series", **asked)
    assert [one["code"] for one in found] == ["200", "500"]
    every = {"match[]": '{__name__!=""}', "limit": LIMIT, **RANGE}
    assert {one["__name__"] for one in _get(whole, "series", **every)} > {"http_requests_total"}


def test_several_selectors_of_a_form_are_joined(whole: Backend) -> None:
    chosen = {"match[]": ["latency_seconds_sum", "http_requests_total"], "limit": LIMIT, **RANGE}
    found = _posted(whole, "series", **chosen)
    assert [one["__name__"] for one in found] == ["http_requests_total"] * 2 + [
        "latency_seconds_sum"
    ]


def test_the_types_and_helps_of_the_query_builder(whole: Backend) -> None:
    found = _get(whole, "metadata", limit=LIMIT)
    assert found["http_requests_total"][0]["type"] == "counter"
    assert found["latency_seconds"][0]["type"] == "histogram"


def test_a_variable_of_a_query(whole: Backend) -> None:
    asked = {"query": "http_requests_total", "time": str(NOW_S)}
    found = _posted(whole, "query", **asked)
    assert [(one["metric"]["code"], one["value"]) for one in found["result"]] == [
        ("200", [NOW_S, "5"]),
        ("500", [NOW_S, "5"]),
    ]


def test_it_is_taken_for_a_prometheus(whole: Backend) -> None:
    """Features stand for Mimir; without a version it takes the series for the labels."""
    found = _get(whole, "status/buildinfo")
    assert "features" not in found
    assert found["version"].split(".")[0] == "3"
