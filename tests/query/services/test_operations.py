"""The operations of a service over HTTP, at the edges of minutes and beyond."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

SECOND_NS = 10**9
# 90 seconds into a minute's second half, so that neither end is that of a minute.
FROM_NS = START_NS - 10 * MINUTE_NS + 30 * SECOND_NS
TO_NS = START_NS - 2 * MINUTE_NS + 15 * SECOND_NS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A span a second for ten minutes; each other one in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            at = [START_NS - second * SECOND_NS for second in range(1 + half, 601, 2)]
            made.send(
                spans_request(
                    [span(one, 10 * MS, error=one % (4 * SECOND_NS) == 0) for one in at]
                    + [
                        span(FROM_NS - 1, name="before"),
                        span(FROM_NS, name="first"),
                        span(TO_NS - 1, name="last", kind="client", root=False),
                        span(TO_NS, name="after"),
                    ]
                )
            )
            if half == 0:
                made.flush()
        yield made


def _operations(whole: Backend, **params: Any) -> dict[tuple[str, str], dict[str, Any]]:
    given = {"start": f"{FROM_NS / 1e9:.1f}", "end": f"{TO_NS / 1e9:.1f}", **params}
    answer = whole.get("/api/v1/services/shop/operations", given)
    assert answer["service_name"] == "shop"
    return {(one["name"], one["kind"]): one for one in answer["operations"]}


@pytest.mark.parametrize("method", ["exact", "bucketed"])
def test_a_range_ends_where_it_does_and_not_at_a_minute(whole: Backend, method: str) -> None:
    found = _operations(whole, method=method)
    assert {key: one["span_count"] for key, one in found.items()} == {
        ("GET /", "server"): 465,
        ("first", "server"): 2,
        ("last", "client"): 2,
    }
    assert found["GET /", "server"]["rate"] == 1.0
    assert found["GET /", "server"]["error_count"] == 116
    assert found["GET /", "server"]["p50_ns"] == pytest.approx(10 * MS, rel=0.01084)


def test_a_range_within_a_minute(whole: Backend) -> None:
    within = {"start": "now-50s", "end": "now-40s", "method": "bucketed"}
    assert _operations(whole, **within)["GET /", "server"]["span_count"] == 10


def test_comparison(whole: Backend) -> None:
    """Three of ten seconds later nothing came any more."""
    found = _operations(whole, start="now-3s", end="now+7s", compare="10s")
    only = found["GET /", "server"]
    assert (only["span_count"], only["previous"]["span_count"]) == (3, 10)
    assert only["change"]["rate"] == pytest.approx(-0.7)


def test_order_and_pages(whole: Backend) -> None:
    first = whole.get("/api/v1/services/shop/operations", {"limit": 2})
    params = {"limit": 2, "cursor": first["next_cursor"]}
    second = whole.get("/api/v1/services/shop/operations", params)
    names = [one["name"] for one in first["operations"] + second["operations"]]
    assert names == ["GET /", "after", "before", "first"]


def test_a_service_that_was_never_seen(whole: Backend) -> None:
    problem = whole.problem("/api/v1/services/shup/operations", status=404)
    assert "did you mean shop?" in problem


def test_a_service_with_a_slash_in_its_name(whole: Backend) -> None:
    whole.send(spans_request([span(START_NS - 1)], "team/shop"))
    answer = whole.get("/api/v1/services/team%2Fshop/operations")
    assert answer["service_name"] == "team/shop"
    assert len(answer["operations"]) == 1


def test_a_service_without_spans_in_the_range(whole: Backend) -> None:
    answer = whole.get(
        "/api/v1/services/shop/operations", {"start": "2020-01-01T00:00:00Z", "end": "now-1d"}
    )
    assert answer["operations"] == []
    assert answer["start"] == "2020-01-01T00:00:00.000000000Z"
