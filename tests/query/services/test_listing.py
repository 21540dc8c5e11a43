"""All services over HTTP: counts, rates and percentiles reckoned by hand, and who they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

RELATIVE_ERROR = 0.01084
# Half of all spans stand for four: th:c says that three quarters were left out.
QUARTER = "ot=th:c"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """The minutes before START_NS; of each service half is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            _send(made, half)
            if half == 0:
                made.flush()
        yield made


def _send(whole: Backend, half: int) -> None:
    at_ns = START_NS - 10 * MINUTE_NS
    numbers = range(half, 100, 2)
    checkout = [span(at_ns + n, (n + 1) * MS, error=n < 10, root=False) for n in numbers]
    inner = [span(at_ns, 900 * MS, name="SELECT", kind="client", root=False) for _ in range(5)]
    release = {"service__version": f"1.{half}", "service__instance__id": f"pod-{half}"}
    whole.send(
        spans_request(
            checkout + inner,
            "checkout",
            telemetry__sdk__language="java",
            service__namespace="shop",
            deployment__environment__name="production",
            **release,
        ),
        spans_request(
            [span(at_ns, 8 * MS, trace_state=QUARTER if half else "", error=half == 0)], "sampled"
        ),
        spans_request([span(at_ns, kind="internal", root=False)], "worker"),
        spans_request([span(at_ns + 5 * MINUTE_NS, kind="internal", root=True)], "cron"),
    )


def _services(whole: Backend, **params: Any) -> dict[str, Any]:
    answer = whole.get("/api/v1/services", params)
    return {one["service_name"]: one for one in answer["services"]} | {"": answer}


def test_requests_are_spans_of_servers_and_consumers_and_roots(whole: Backend) -> None:
    found = _services(whole)
    counts = {name: one["span_count"] for name, one in found.items() if name}
    assert counts == {"checkout": 100, "cron": 2, "sampled": 2, "worker": 0}
    assert (found[""]["start"], found[""]["end"]) == (
        "2025-12-31T23:00:00.000000000Z",
        "2026-01-01T00:00:00.000000000Z",
    )


def test_exact_percentiles_are_those_of_quantile_cont(whole: Backend) -> None:
    """Of 1 to 100 ms: between the neighbours of rank 0.95 * 99 lies 95.05 ms."""
    found = _services(whole, start="now-11m", end="now-6m", method="bucketed")["checkout"]
    assert found["error_count"] == 10
    assert found["rate"] == 100 / 300
    assert found["error_ratio"] == 0.1
    exact = {"p50_ns": 50.5, "p90_ns": 90.1, "p95_ns": 95.05, "p99_ns": 99.01}
    for name, ms in exact.items():
        assert found[name] == pytest.approx(ms * MS, rel=RELATIVE_ERROR)


def test_a_span_that_was_sampled_stands_for_several(whole: Backend) -> None:
    """One span of four, one of one that failed: five requests, of which a fifth failed."""
    found = _services(whole)
    sampled = found["sampled"]
    assert (sampled["span_count"], sampled["adjusted_count"]) == (2, 5.0)
    assert sampled["rate"] == 5 / 3600
    assert sampled["error_ratio"] == 1 / 5
    assert found[""]["method"] == "bucketed"
    assert found[""]["relative_error"] == RELATIVE_ERROR


def test_a_service_without_requests_is_found(whole: Backend) -> None:
    worker = _services(whole)["worker"]
    assert worker["rate"] == 0
    assert worker["error_ratio"] is None
    assert worker["p50_ns"] is None


def test_what_resources_say_of_their_service(whole: Backend) -> None:
    found = _services(whole)
    checkout = found["checkout"]
    assert checkout["language"] == "java"
    assert checkout["namespace"] == "shop"
    assert checkout["environment"] == "production"
    assert checkout["instances"] == 2
    assert checkout["versions"] == [
        {"version": "1.0", "first_seen": "2025-12-31T23:50:00.000000000Z"},
        {"version": "1.1", "first_seen": "2025-12-31T23:50:00.000000000Z"},
    ]
    assert found["worker"]["versions"] == []
    assert found["cron"]["first_seen"] == "2025-12-31T23:55:00.000000000Z"
    assert found[""]["discovered_since"] == found[""]["start"]


def test_exact_where_nothing_was_sampled(tmp_path: Any) -> None:
    with backend(tmp_path) as whole:
        for half in range(2):
            whole.send(spans_request([span(START_NS - 1 - n, n * MS) for n in range(half, 5, 2)]))
            if half == 0:
                whole.flush()
        found = _services(whole)
        assert found[""]["method"] == "exact"
        assert found[""]["relative_error"] == 0
        shop = found["shop"]
        assert [shop[name] for name in ("p50_ns", "p90_ns", "p95_ns", "p99_ns")] == pytest.approx(
            [2 * MS, 3.6 * MS, 3.8 * MS, 3.96 * MS], rel=1e-12
        )


def test_comparison_with_an_earlier_range(whole: Backend) -> None:
    """Of the five minutes of `cron`, and those before, in which `checkout` had its spans."""
    found = _services(whole, start="now-5m", end="now", compare="5m")
    cron, checkout = found["cron"], found["checkout"]
    assert (cron["span_count"], cron["previous"]["span_count"]) == (2, 0)
    assert cron["change"]["rate"] is None
    assert checkout["span_count"] == 0
    before = _services(whole, start="now-5m", baseline_start="now-10m", baseline_end="now-5m")
    assert before["checkout"]["previous"]["rate"] == 100 / 300
    assert before["checkout"]["change"]["rate"] == -1.0
    assert before[""]["baseline"]["start"] == "2025-12-31T23:50:00.000000000Z"


def test_pages(whole: Backend) -> None:
    first = whole.get("/api/v1/services", {"limit": 3})
    names = [one["service_name"] for one in first["services"]]
    cursor = first["next_cursor"]
    rest = whole.get("/api/v1/services", {"limit": 3, "cursor": cursor})
    assert names + [one["service_name"] for one in rest["services"]] == [
        "checkout",
        "cron",
        "sampled",
        "worker",
    ]
    assert "next_cursor" not in rest


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"start": "now", "end": "now-1h"}, "start: is not before end"),
        ({"compare": "yesterday"}, "compare: 'yesterday' is no duration"),
        ({"compare": "1d", "baseline_start": "now-2d"}, "compare: either this"),
        ({"baseline_start": "now-2d"}, "baseline_start and baseline_end: one needs the other"),
        ({"method": "guessed"}, "method"),
        ({"servce": "x"}, "servce"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_is_wrong_is_said(whole: Backend, params: dict[str, str], words: str) -> None:
    assert words in whole.problem("/api/v1/services", params)


def test_spans_that_were_sampled_have_no_exact_percentiles(whole: Backend) -> None:
    problem = whole.problem("/api/v1/services", {"method": "exact"}, status=422)
    assert "method=bucketed" in problem
