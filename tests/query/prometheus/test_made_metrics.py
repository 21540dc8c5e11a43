"""Metrics that nobody sent: target_info, and those of spans."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span
from support.metric_requests import gauge, metric_request, point

QUERY = "/prometheus/api/v1/query"
START_S = START_NS // 10**9


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Half is in files: each minute of ten, 6 spans of 10 ms and 2 of 3 s; one point a minute."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for minute in range(half, 10, 2):
                at_ns = START_NS - (10 - minute) * MINUTE_NS
                made.send(spans_request(_spans(at_ns), "shop"))
                metric = gauge("up", [point(at_ns, 1.0)], "")
                known = {"service__instance__id": "a", "host__name": "h", "service__namespace": "x"}
                made.send(metric_request(metric, "shop", **known))
            if half == 0:
                made.flush()
        yield made


def _spans(at_ns: int) -> list[Any]:
    quick = [span(at_ns + n, 9_000_000, "GET /") for n in range(6)]
    return [*quick, *(span(at_ns + n, 3_000_000_000, "GET /") for n in range(2))]


def _result(whole: Backend, query: str) -> list[dict[str, Any]]:
    answer = whole.get(QUERY, {"query": query, "time": START_S})
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def test_target_info_tells_of_the_resource(whole: Backend) -> None:
    (found,) = _result(whole, "target_info")
    assert found == {
        "metric": {"__name__": "target_info", "job": "x/shop", "instance": "a", "host_name": "h"},
        "value": [START_S, "1"],
    }
    (joined,) = _result(whole, "up * on (job, instance) group_left (host_name) target_info")
    assert joined["metric"]["host_name"] == "h"
    assert _result(whole, 'target_info{host_name="other"}') == []


def test_calls_are_counted_by_the_minute(whole: Backend) -> None:
    (found,) = _result(whole, "increase(traces_span_metrics_calls_total[5m])")
    assert float(found["value"][1]) == pytest.approx(40)
    assert found["metric"] == {
        "job": "shop",
        "service_name": "shop",
        "span_name": "GET /",
        "span_kind": "SPAN_KIND_SERVER",
        "status_code": "STATUS_CODE_UNSET",
    }


def test_durations_are_in_buckets(whole: Backend) -> None:
    query = "sum by (le) (increase(traces_span_metrics_duration_seconds_bucket[5m]))"
    found = {one["metric"]["le"]: float(one["value"][1]) for one in _result(whole, query)}
    assert found["0.008"] == 0
    assert found["0.01"] == pytest.approx(30)
    assert found["2"] == pytest.approx(30)
    assert found["5"] == pytest.approx(40)
    assert found["+Inf"] == pytest.approx(40)
    (mean,) = _result(
        whole,
        "rate(traces_span_metrics_duration_seconds_sum[5m])"
        " / rate(traces_span_metrics_duration_seconds_count[5m])",
    )
    assert float(mean["value"][1]) == pytest.approx((6 * 0.009 + 2 * 3) / 8)


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Each minute of ten: the shop calls the cart 4 times, of which one fails; half is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for minute in range(half, 10, 2):
                at_ns = START_NS - (10 - minute) * MINUTE_NS
                for number in range(4):
                    call = span(at_ns + number, 30_000_000, kind="client")
                    answer = span(at_ns + number, 20_000_000, error=number == 0)
                    answer.trace_id, answer.parent_span_id = call.trace_id, call.span_id
                    call.parent_span_id = b"12345678"
                    made.send(spans_request([call], "shop"), spans_request([answer], "cart"))
            if half == 0:
                made.flush()
        yield made


def test_calls_between_services(called: Backend) -> None:
    (found,) = _result(called, "increase(traces_service_graph_request_total[5m])")
    assert found["metric"] == {"client": "shop", "server": "cart"}
    assert float(found["value"][1]) == pytest.approx(20)
    (failed,) = _result(called, "increase(traces_service_graph_request_failed_total[5m])")
    assert float(failed["value"][1]) == pytest.approx(5)


def test_how_long_each_side_took(called: Backend) -> None:
    for side, seconds in (("server", 0.02), ("client", 0.03)):
        name = f"traces_service_graph_request_{side}_seconds"
        (mean,) = _result(called, f"rate({name}_sum[5m]) / rate({name}_count[5m])")
        assert float(mean["value"][1]) == pytest.approx(seconds, rel=0.011)
        (below,) = _result(called, f'increase({name}_bucket{{le="0.05"}}[5m])')
        assert float(below["value"][1]) == pytest.approx(20)
        (none,) = _result(called, f'increase({name}_bucket{{le="0.01"}}[5m])')
        assert float(none["value"][1]) == 0


def test_labels_that_they_cannot_have_are_not_looked_for(called: Backend) -> None:
    assert _result(called, '{__name__=~"traces_.*", host="h"}') == []
    clients = called.get(
        "/prometheus/api/v1/label/client/values",
        {"start": START_S - 3600, "match[]": "traces_service_graph_request_total"},
    )
    assert clients["data"] == ["shop"]
