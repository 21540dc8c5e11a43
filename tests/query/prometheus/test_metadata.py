"""Series, labels, metadata and the server's own state, over what came in as OTLP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span
from support.metric_requests import buckets, counter, gauge, histogram, metric_request, point

ROOT = "/prometheus/api/v1"
START_S = START_NS // 10**9
HOUR = {"start": START_S - 3600, "end": START_S}
SHOP = {"job": "shop", "service_name": "shop"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Half is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half, service in enumerate(("shop", "cart")):
            for metric in _metrics(START_NS - (1 + half) * MINUTE_NS):
                made.send(metric_request(metric, service))
            if half == 0:
                made.flush()
        made.send(spans_request([span(START_NS - MINUTE_NS)], "shop"))
        yield made


def _metrics(at_ns: int) -> list[Metric]:
    failed = point(at_ns, 3, code=500)
    failed.exemplars.add(
        time_unix_nano=at_ns, as_double=2.5, trace_id=b"\x01" * 16, span_id=b"\x02" * 8
    )
    slow = buckets(at_ns, (1, 2, 3), (0.1, 0.5))
    slow.exemplars.add(time_unix_nano=at_ns, as_double=0.3, trace_id=b"\x03" * 16)
    return [
        counter("http.requests", [point(at_ns, 5, code=200), failed]),
        gauge("queue.size", [point(at_ns, 1.0, a__b="x")], "By"),
        histogram("latency", [slow]),
    ]


def _data(whole: Backend, path: str, **params: Any) -> Any:
    answer = whole.get(f"{ROOT}/{path}", {**HOUR, **params})
    assert answer["status"] == "success"
    return answer["data"]


def test_series_of_a_selector(whole: Backend) -> None:
    found = _data(whole, "series", **{"match[]": 'http_requests_total{job="shop"}'})
    assert found == [
        {"__name__": "http_requests_total", "code": "200", **SHOP},
        {"__name__": "http_requests_total", "code": "500", **SHOP},
    ]


def test_series_of_buckets_tell_their_bounds(whole: Backend) -> None:
    found = _data(whole, "series", **{"match[]": '{__name__=~"latency.*", job="shop"}'})
    assert [(one["__name__"], one.get("le")) for one in found] == [
        ("latency_seconds_bucket", "+Inf"),
        ("latency_seconds_bucket", "0.1"),
        ("latency_seconds_bucket", "0.5"),
        ("latency_seconds_count", None),
        ("latency_seconds_sum", None),
    ]


def test_names_of_labels(whole: Backend) -> None:
    found = _data(whole, "labels", **{"match[]": ["queue_size_bytes", "latency_seconds_bucket"]})
    assert found == ["__name__", "a_b", "job", "le", "service_name"]
    everything = _data(whole, "labels")
    assert {"code", "span_kind", "le", "a_b"} <= set(everything)


def test_values_of_labels(whole: Backend) -> None:
    assert _data(whole, "label/job/values") == ["cart", "shop"]
    assert _data(whole, "label/U__job/values") == ["cart", "shop"]
    assert _data(whole, "label/le/values", **{"match[]": "latency_seconds_bucket"}) == [
        *("+Inf", "0.1", "0.5")
    ]
    names = _data(whole, "label/__name__/values")
    assert names[:5] == [
        "http_requests_total",
        "latency_seconds_bucket",
        "latency_seconds_count",
        "latency_seconds_sum",
        "queue_size_bytes",
    ]
    assert all(name.startswith("traces_s") for name in names[5:])
    assert len(names) == 5 + 4 + 8
    assert _data(whole, "label/missing/values") == []


def test_a_limit_is_told(whole: Backend) -> None:
    answer = whole.get(f"{ROOT}/label/__name__/values", {**HOUR, "limit": 1})
    assert answer["data"] == ["http_requests_total"]
    assert answer["warnings"] == ["results truncated due to limit"]


def test_of_other_times_there_is_nothing(whole: Backend) -> None:
    asked = {"start": START_S - 9 * 86_400, "end": START_S - 8 * 86_400}
    assert _data(whole, "label/__name__/values", **asked) == []


def test_metadata_of_families(whole: Backend) -> None:
    found = _data(whole, "metadata")
    assert found["http_requests_total"] == [{"type": "counter", "help": "", "unit": ""}]
    assert found["latency_seconds"] == [{"type": "histogram", "help": "", "unit": "seconds"}]
    one = _data(whole, "metadata", metric="queue_size_bytes")
    assert one == {
        "queue_size_bytes": [{"type": "gauge", "help": "what queue.size is", "unit": "bytes"}]
    }


def test_exemplars_lie_with_their_buckets(whole: Backend) -> None:
    query = "rate(latency_seconds_bucket[5m]) + on (job) group_left sum(http_requests_total)"
    found = _data(whole, "query_exemplars", query=query)
    shop = [one for one in found if one["seriesLabels"]["job"] == "shop"]
    assert shop == [
        {
            "seriesLabels": {"__name__": "http_requests_total", "code": "500", **SHOP},
            "exemplars": [
                {
                    "labels": {"trace_id": "01" * 16, "span_id": "02" * 8},
                    "value": "2.5",
                    "timestamp": START_S - 60,
                }
            ],
        },
        {
            "seriesLabels": {"__name__": "latency_seconds_bucket", "le": "0.5", **SHOP},
            "exemplars": [
                {"labels": {"trace_id": "03" * 16}, "value": "0.3", "timestamp": START_S - 60}
            ],
        },
    ]


def test_what_clients_ask_first(whole: Backend) -> None:
    assert _data(whole, "status/buildinfo")["version"].startswith("3.")
    assert _data(whole, "status/runtimeinfo")["corruptionCount"] == 0


def test_the_largest_metrics_and_labels(whole: Backend) -> None:
    found = _data(whole, "status/tsdb", limit=2)
    assert found["headStats"]["numSeries"] == 8
    assert found["seriesCountByMetricName"] == [
        {"name": "http.requests", "value": 4},
        {"name": "latency", "value": 2},
    ]
    assert found["seriesCountByLabelValuePair"] == [
        {"name": "job=cart", "value": 4},
        {"name": "job=shop", "value": 4},
    ]
    assert found["newSeriesCountByMetricName"] == [
        {"name": "http.requests", "value": 4},
        {"name": "latency", "value": 2},
    ]
    assert found["seriesCountByDay"] == [{"day": "2025-12-31", "series": 8, "new": 8}]


def test_what_grows_is_what_was_not_there_before(tmp_path: Path) -> None:
    day_ns = 86_400 * 10**9
    with backend(tmp_path) as own:
        for ago, hosts in ((2, range(3)), (1, range(5))):
            at_ns = START_NS - ago * day_ns
            points = [point(at_ns, 1.0, host=host) for host in hosts]
            own.send(metric_request(gauge("load", points, "")), received_ns=at_ns)
            own.flush()
            own.send(metric_request(gauge("free", points[:2], "")), received_ns=at_ns)
        found = _data(own, "status/tsdb")
        assert found["newSeriesCountByMetricName"] == [{"name": "load", "value": 2}]
        assert found["newLabelValueCountByLabelName"] == [{"name": "host", "value": 2}]
        assert [day["new"] for day in found["seriesCountByDay"]] == [5, 2]


def test_the_running_day_grows_too(tmp_path: Path) -> None:
    with backend(tmp_path) as own:
        own.clock.advance(3600)
        own.send(metric_request(gauge("load", [point(own.clock.now_ns(), 1.0, host="a")], "")))
        found = _data(own, "status/tsdb")
        assert found["newLabelValueCountByLabelName"][0] == {"name": "host", "value": 1}


@pytest.mark.parametrize(
    ("limit", "error"),
    [
        ("x", "limit must be a positive number"),
        ("0", "limit must be a positive number"),
        ("-1", "limit must be a positive number"),
        ("10001", "limit must not exceed 10000"),
    ],
)
def test_how_much_may_be_listed(whole: Backend, limit: str, error: str) -> None:
    response = whole.client.get(f"{ROOT}/status/tsdb", params={"limit": limit})
    assert (response.status_code, response.json()["error"]) == (400, error)
