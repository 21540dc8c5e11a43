"""Wrong requests: Prometheus's statuses, types and words."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import gauge, metric_request, point

ROOT = "/prometheus/api/v1"
START_S = START_NS // 10**9


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as made:
        points = [point(START_NS - n * 10**9, float(n), host=f"h{n % 2}") for n in range(20)]
        made.send(metric_request(gauge("up", points, "")))
        yield made


def _error(whole: Backend, path: str, status: int, params: Any) -> tuple[str, str]:
    response = whole.client.get(f"{ROOT}/{path}", params=params)
    assert response.status_code == status, response.text
    told = response.json()
    assert told["status"] == "error"
    return told["errorType"], told["error"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("rate(up)", "1:6: parse error: expected type range vector"),
        ("up{", "1:4: parse error: unexpected end of input"),
        ("nonsense(up)", '1:1: parse error: unknown function with name "nonsense"'),
        ("", "unknown position: parse error: no expression found in input"),
    ],
    ids=["type", "end", "function", "empty"],
)
def test_a_parse_error_tells_its_place(whole: Backend, query: str, error: str) -> None:
    kind, told = _error(whole, "query", 400, {"query": query})
    assert kind == "bad_data"
    assert told.startswith(f'invalid parameter "query": {error}')


RANGE = {"query": "up", "start": START_S - 60, "end": START_S, "step": 15}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"start": "x"}, 'invalid parameter "start": cannot parse "x" to a valid timestamp'),
        ({"step": "5x"}, 'invalid parameter "step": cannot parse "5x" to a valid duration'),
        (
            {"step": "0"},
            'invalid parameter "step": zero or negative query resolution step widths are not '
            "accepted. Try a positive integer",
        ),
        (
            {"end": START_S - 61},
            'invalid parameter "end": end timestamp must not be before start time',
        ),
        (
            {"step": "0.001"},
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)",
        ),
        (
            {"query": "up[5m]"},
            'invalid parameter "query": invalid expression type "range vector" for range query, '
            "must be Scalar or instant Vector",
        ),
        ({"limit": "-1"}, 'invalid parameter "limit": limit must be non-negative'),
    ],
    ids=["start", "step", "no-step", "end", "points", "type", "limit"],
)
def test_wrong_ranges(whole: Backend, changed: dict[str, Any], error: str) -> None:
    assert _error(whole, "query_range", 400, RANGE | changed) == ("bad_data", error)


def test_as_many_points_as_may_be(whole: Backend) -> None:
    asked = RANGE | {"start": START_S - 11_000, "step": 1}
    assert whole.get(f"{ROOT}/query_range", asked)["status"] == "success"
    asked["start"] = START_S - 11_001
    assert _error(whole, "query_range", 400, asked)[0] == "bad_data"


def test_what_cannot_be_carried_out(whole: Backend) -> None:
    kind, told = _error(whole, "query", 422, {"query": "up + on (job) up", "time": START_S})
    assert kind == "execution"
    assert told.startswith("found duplicate series for the match group")


def test_too_many_samples(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole.service, "promql", replace(whole.service.promql, max_samples=15))
    kind, told = _error(whole, "query", 422, {"query": "up[5m]", "time": START_S})
    assert kind == "execution"
    assert told.startswith("query processing would load too many samples into memory")


def test_a_query_has_its_time(whole: Backend) -> None:
    kind, told = _error(whole, "query", 503, {"query": "up", "timeout": "-1"})
    assert (kind, told) == ("timeout", "query timed out in expression evaluation")


def test_selectors_are_needed(whole: Backend) -> None:
    assert _error(whole, "series", 400, {}) == ("bad_data", "no match[] parameter provided")
    kind, told = _error(whole, "series", 400, {"match[]": '{a=""}'})
    assert (kind, told.partition(": ")[0]) == ("bad_data", 'invalid parameter "match[]"')


def test_the_lookback_can_be_chosen(whole: Backend) -> None:
    asked = {"query": "up", "time": START_S + 30}
    assert len(whole.get(f"{ROOT}/query", asked)["data"]["result"]) == 2
    assert whole.get(f"{ROOT}/query", asked | {"lookback_delta": "20s"})["data"]["result"] == []


def test_a_subquery_of_too_many_steps_is_refused(whole: Backend) -> None:
    kind, told = _error(whole, "query", 422, {"query": "max_over_time(up[1y:1ms])"})
    assert (kind, told.split(" would")[0]) == ("execution", "query processing")


def test_bytes_that_are_no_text_are_replaced(whole: Backend) -> None:
    text = whole.get(f"{ROOT}/query", {"query": r'"a\xff"'})
    assert text["data"]["result"][1] == "a\ufffd"
    labelled = whole.get(f"{ROOT}/query", {"query": r'label_replace(up, "b", "\xff", "", "")'})
    assert {one["metric"]["b"] for one in labelled["data"]["result"]} == {"\ufffd"}


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "up", "time": "-9223372036"},
        {"query": "up", "time": "9223372036"},
        {"query": "up @ 9223372036"},
        {"query": "up offset -90y"},
        {"query": "traces_span_metrics_calls_total", "time": "0"},
        {"query": "traces_service_graph_request_total", "time": "9223372036"},
        {"query": "target_info", "time": "-1"},
    ],
    ids=["past", "future", "at", "offset", "spans", "calls", "targets"],
)
def test_times_far_off_have_nothing(whole: Backend, asked: dict[str, str]) -> None:
    assert whole.get(f"{ROOT}/query", asked)["data"]["result"] == []


def test_a_window_may_be_longer_than_time(whole: Backend) -> None:
    asked = {"query": "count_over_time(up[100y])", "time": START_S}
    counts = [one["value"][1] for one in whole.get(f"{ROOT}/query", asked)["data"]["result"]]
    assert counts == ["10", "10"]


def test_an_error_may_tell_bytes_that_are_no_text(whole: Backend) -> None:
    kind, told = _error(whole, "query", 400, {"query": 'up{a=~"\\xff("}'})
    assert kind == "bad_data"
    assert "parse error" in told


@pytest.mark.parametrize(
    ("path", "params", "error"),
    [
        ("query", {"query": "up", "time": "x"}, 'invalid parameter "time": invalid time value for'),
        (
            "query",
            {"query": "up", "lookback_delta": "x"},
            'error parsing lookback delta duration: cannot parse "x" to a valid duration',
        ),
        (
            "query",
            {"query": "up", "limit": "x"},
            'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax',
        ),
        ("metadata", {"limit_per_metric": "x"}, "limit_per_metric must be a number"),
        ("query_exemplars", {"query": "up{"}, "1:4: parse error: unexpected end of input"),
        (
            "query_exemplars",
            {"query": "up", "start": 2, "end": 1},
            "end timestamp must not be before start timestamp",
        ),
        (
            "series",
            {"match[]": "up[5m]"},
            'invalid parameter "match[]": 1:3: parse error: unexpected "["',
        ),
        ("labels", {"match[]": "rate(up[5m])"}, '1:5: parse error: unexpected "("'),
        ("labels", {"match[]": "{a='}'} offset 5m"}, "1:9: parse error: unexpected <offset>"),
        ("labels", {"match[]": "1"}, '1:1: parse error: unexpected number "1"'),
        ("labels", {"match[]": "{}"}, "match[] must contain at least one non-empty matcher"),
        ("labels", {"match[]": '{a=""}'}, "match[] must contain at least one non-empty matcher"),
    ],
)
def test_parameters_in_prometheus_own_words(
    whole: Backend, path: str, params: Any, error: str
) -> None:
    kind, told = _error(whole, path, 400, params)
    assert kind == "bad_data"
    assert told.startswith(error)


@pytest.mark.parametrize("path", ["series", "labels", "label/host/values"])
def test_a_range_that_ends_before_it_starts_has_nothing(whole: Backend, path: str) -> None:
    params = {"match[]": "up", "start": START_S, "end": START_S - 100}
    assert whole.get(f"{ROOT}/{path}", params)["data"] == []


@pytest.mark.parametrize("lookback", ["0", "-5"])
def test_a_lookback_of_nothing_is_the_configured_one(whole: Backend, lookback: str) -> None:
    params = {"query": "count(up)", "time": START_S, "lookback_delta": lookback}
    assert whole.get(f"{ROOT}/query", params)["data"]["result"][0]["value"][1] == "2"
