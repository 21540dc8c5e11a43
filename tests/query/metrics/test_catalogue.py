"""The list of metrics over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import counter, gauge, metric_request, point


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """The series of `load` are in files, and in memory as well; others in one of both."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            rooms = [point(START_NS + half, 1.0, room=room) for room in ("a", "b")]
            made.send(
                metric_request(gauge("load", rooms, "%"), "shop"),
                metric_request(gauge("load", rooms[:1], "%"), f"till-{half}"),
                metric_request(counter("requests", [point(START_NS, 1)], 1 + half), "shop"),
            )
            if half == 0:
                made.flush()
        yield made


def _listed(whole: Backend, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = whole.get("/api/v1/metrics", params)
    return found


def test_each_metric_with_its_series_and_services(whole: Backend) -> None:
    metrics = _listed(whole)["metrics"]
    assert metrics[0] == {
        "name": "load",
        "type": "gauge",
        "unit": "%",
        "description": "what load is",
        "temporality": None,
        "is_monotonic": None,
        "series_count": 4,
        "services": ["shop", "till-0", "till-1"],
    }
    assert [(one["name"], one["temporality"]) for one in metrics] == [
        ("load", None),
        ("requests", "cumulative"),
        ("requests", "delta"),
    ]


def test_a_metric_of_no_service(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        request = metric_request(gauge("alone", [point(START_NS, 1)]))
        request.resource_metrics[0].ClearField("resource")
        whole.send(request)
        [alone] = _listed(whole)["metrics"]
    assert (alone["name"], alone["services"]) == ("alone", [])


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"service": "till-1"}, ["load"]),
        ({"contains": "QUEST"}, ["requests", "requests"]),
        ({"contains": "%"}, []),
        ({"end": "2025-12-31T00:00:00Z"}, []),
        ({"start": "now-1s"}, ["load", "requests", "requests"]),
    ],
)
def test_filters(whole: Backend, params: dict[str, str], names: list[str]) -> None:
    assert [one["name"] for one in _listed(whole, **params)["metrics"]] == names


def test_pages(whole: Backend) -> None:
    seen = []
    page = _listed(whole, limit=1)
    while "next_cursor" in page:
        seen += page["metrics"]
        page = _listed(whole, limit=1, cursor=page["next_cursor"])
    assert seen + page["metrics"] == _listed(whole)["metrics"]
    assert len(seen) == 2


def test_a_cursor_of_another_list(whole: Backend) -> None:
    cursor = _listed(whole, limit=1)["next_cursor"]
    words = whole.problem("/api/v1/metrics", {"service": "shop", "cursor": cursor})
    assert "other parameters" in words
