"""Everything on one call: of each kind of data half is in files, half is hot."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

QUARTER = "ot=th:c"
MINUTES = 70


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """70 minutes before START_NS of four services; the second half of each is hot."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for minute in range(half * MINUTES // 2, (half + 1) * MINUTES // 2):
                _minute(made, START_NS - (MINUTES - minute) * MINUTE_NS, minute)
            if half == 0:
                made.flush()
        yield made


def _minute(whole: Backend, at_ns: int, minute: int) -> None:
    late = minute >= MINUTES - 10
    whole.send(
        spans_request([span(at_ns + n, 30 * MS, name="GET /cart") for n in range(4)], "cart"),
        spans_request(
            [span(at_ns + n, 10 * MS, name="POST /pay", error=late and n == 0) for n in range(4)]
            + [span(at_ns, 900 * MS, name="SELECT", kind="client", root=False)],
            "pay",
        ),
        spans_request(
            [span(at_ns, (60 if late else 20) * MS, name=f"POST /{n}") for n in range(4)], "slow"
        ),
        _logs(at_ns, 9, 0, 17, 24),
    )
    if minute < 40:
        whole.send(spans_request([span(at_ns, 500 * MS, name="tick", trace_state=QUARTER)], "gone"))


def _logs(at_ns: int, *severities: int) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for severity in severities:
        records.add(time_unix_nano=at_ns, severity_number=severity)
    return request


def test_totals_of_the_last_hour(whole: Backend) -> None:
    """Each minute 12 requests and a span that is none; of 30 minutes one more that stands for 4."""
    found = whole.get("/api/v1/overview")
    assert found["span_count"] == 60 * 13 + 30
    assert found["request_count"] == 60 * 12 + 30
    assert found["error_count"] == 10
    assert found["rate"] == (60 * 12 + 30 * 4) / 3600
    assert found["error_ratio"] == 10 / (60 * 12 + 30 * 4)
    assert (found["start"], found["end"]) == (
        "2025-12-31T23:00:00.000000000Z",
        "2026-01-01T00:01:00.000000000Z",
    )
    assert found["logs"] == {
        "record_count": 240,
        "severities": {
            "trace": 0,
            "debug": 0,
            "info": 60,
            "warn": 0,
            "error": 60,
            "fatal": 60,
            "unspecified": 60,
        },
    }


def test_services_are_listed_worst_first_with_reasons(whole: Backend) -> None:
    found = whole.get("/api/v1/overview")
    assert found["active_services"] == 4
    assert found["states"] == {"unhealthy": 1, "silent": 1, "degraded": 1, "healthy": 1}
    listed = [(one["service_name"], one["state"]) for one in found["services"]]
    assert listed == [
        ("pay", "unhealthy"),
        ("gone", "silent"),
        ("slow", "degraded"),
        ("cart", "healthy"),
    ]
    rules = [[reason["rule"] for reason in one["reasons"]] for one in found["services"]]
    assert rules == [["errors", "errors_grown"], ["silence"], ["p95_grown"], []]
    assert found["services"][1]["last_seen"] == "2025-12-31T23:29:00.000000000Z"
    assert found["thresholds"]["unhealthy_error_ratio"] == 0.1
    assert found["judged_since"] == "2025-12-31T23:50:00.000000000Z"


def test_it_judges_as_the_health_of_one_service_does(whole: Backend) -> None:
    for one in whole.get("/api/v1/overview")["services"]:
        alone = whole.get(f"/api/v1/services/{one['service_name']}/health")
        for name in ("state", "reasons", "request_count", "error_ratio", "p95_ns", "last_seen"):
            assert one[name] == alone[name], (one["service_name"], name)


def test_slowest_operations_by_the_95th_percentile(whole: Backend) -> None:
    """Of the last ten minutes and of requests; those of fewer than 20 are left out."""
    found = whole.get("/api/v1/overview")["slow_operations"]
    assert [(one["service_name"], one["name"]) for one in found] == [
        ("cart", "GET /cart"),
        ("pay", "POST /pay"),
    ]
    cart, pay = found
    assert (cart["span_count"], cart["error_ratio"]) == (40, 0)
    assert cart["p95_ns"] == pytest.approx(30 * MS, rel=0.01084)
    assert pay["error_ratio"] == 0.25


def test_newest_errors(whole: Backend) -> None:
    found = whole.get("/api/v1/overview")["newest_errors"]
    assert len(found) == 10
    times = [one["start_time"] for one in found]
    assert times == sorted(times, reverse=True)
    assert times[0] == "2025-12-31T23:59:00.000000000Z"
    assert {one["service_name"] for one in found} == {"pay"}


def test_the_list_may_be_cut(whole: Backend) -> None:
    found = whole.get("/api/v1/overview", {"limit": 1})
    assert [one["service_name"] for one in found["services"]] == ["pay"]
    assert sum(found["states"].values()) == 4
    assert "limit" in whole.problem("/api/v1/overview", {"limit": 0})
    assert "start" in whole.problem("/api/v1/overview", {"start": "now-1h"})


def test_of_nothing(tmp_path: Any) -> None:
    with backend(tmp_path) as whole:
        found = whole.get("/api/v1/overview")
        assert found["services"] == found["slow_operations"] == found["newest_errors"] == []
        assert found["span_count"] == found["logs"]["record_count"] == 0
        assert found["error_ratio"] is None


def test_an_old_error_is_found_and_a_service_gone_for_a_week_is_not_listed(tmp_path: Any) -> None:
    with backend(tmp_path) as whole:
        whole.send(spans_request([span(START_NS, error=True)], "pay"))
        whole.clock.advance(50 * 60)
        found = whole.get("/api/v1/overview")
        assert [one["service_name"] for one in found["newest_errors"]] == ["pay"]
        assert found["states"]["healthy"] == 1
        whole.clock.advance(6.5 * 86_400)
        assert whole.get("/api/v1/overview")["states"]["silent"] == 1
        whole.clock.advance(86_400)
        assert whole.get("/api/v1/overview")["services"] == []
        assert whole.get("/api/v1/services/pay/health")["state"] == "silent"
