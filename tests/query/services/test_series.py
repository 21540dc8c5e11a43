"""A service over time, over HTTP: steps, their edges, gaps, and the same steps a day before."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

SECOND_NS = 10**9


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """In each of the last ten minutes but the fifth, as many spans as it is minutes ago, one each
    second from its beginning, each of so many ms; an hour earlier, twice as many."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for ago in range(1 + half, 11, 2):
                at_ns = START_NS - ago * MINUTE_NS
                if ago == 5:
                    continue
                made.send(
                    spans_request(
                        [span(at_ns + n * SECOND_NS, ago * MS) for n in range(ago)]
                        + [
                            span(at_ns + n * SECOND_NS - 60 * MINUTE_NS, 2 * ago * MS)
                            for n in range(2 * ago)
                        ]
                        + [span(at_ns, name="SELECT", kind="client", root=False)]
                    )
                )
            if half == 0:
                made.flush()
        yield made


def _series(whole: Backend, **params: Any) -> list[dict[str, Any]]:
    answer = whole.get("/api/v1/services/shop/series", params)
    found: list[dict[str, Any]] = answer["series"]
    return found


@pytest.mark.parametrize("method", ["exact", "bucketed"])
def test_a_step_a_minute(whole: Backend, method: str) -> None:
    found = _series(whole, start="now-10m", step="1m", method=method)
    assert [one["span_count"] for one in found] == [10, 9, 8, 7, 6, 0, 4, 3, 2, 1]
    assert found[0]["time"] == "2025-12-31T23:50:00.000000000Z"
    assert found[0]["rate"] == 10 / 60
    assert found[0]["p99_ns"] == pytest.approx(10 * MS, rel=0.01084)
    assert (found[5]["rate"], found[5]["p50_ns"], found[5]["error_ratio"]) == (0, None, None)


@pytest.mark.parametrize("method", ["exact", "bucketed"])
def test_steps_begin_at_their_multiples_and_are_cut_at_the_edges(
    whole: Backend, method: str
) -> None:
    """From 23:50:03.5, six spans of that minute and nine of the next; to 23:58:01."""
    found = _series(whole, start="now-597s", end="now-119s", step="4m", method=method)
    assert [one["time"][11:19] for one in found] == ["23:48:00", "23:52:00", "23:56:00"]
    assert [one["span_count"] for one in found] == [7 + 9, 8 + 7 + 6, 4 + 3 + 1]
    assert [one["rate"] for one in found] == [16 / 117, 21 / 240, 8 / 121]


def test_steps_shorter_than_a_minute(whole: Backend) -> None:
    found = _series(whole, start="now-2m", end="now-1m", step="0.5", method="bucketed")
    assert len(found) == 120
    assert [one["span_count"] for one in found[:5]] == [1, 0, 1, 0, 0]


def test_of_one_operation(whole: Backend) -> None:
    found = _series(whole, start="now-3m", step="60", operation="SELECT", kind="client")
    assert [one["span_count"] for one in found] == [1, 1, 1]
    assert sum(o["span_count"] for o in _series(whole, start="now-3m", step="60s")) == 6


@pytest.mark.parametrize("step", ["1m", "7m"])
def test_compared_with_an_hour_before(whole: Backend, step: str) -> None:
    found = _series(whole, start="now-10m", step=step, compare="1h")
    for one in found:
        assert one["previous"]["span_count"] == 2 * one["span_count"]
        if one["span_count"]:
            assert one["change"]["rate"] == pytest.approx(-0.5)
            assert one["change"]["p50_ns"] == pytest.approx(-0.5)
    assert sum(one["span_count"] for one in found) == 50


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"step": "0"}, "step: must be more than 0"),
        ({"step": "0s"}, "step: '0s' is no duration"),
        ({"step": "fast"}, "step: 'fast' is no duration"),
        ({"step": "0.1"}, "at most 11000"),
        (
            {"step": "1m", "baseline_start": "now-9h", "baseline_end": "now-7h"},
            "as long as its range",
        ),
    ],
)
def test_what_is_wrong_is_said(whole: Backend, params: dict[str, str], words: str) -> None:
    assert words in whole.problem("/api/v1/services/shop/series", params)


def test_the_default_step_fits_the_range(whole: Backend) -> None:
    for start, step_s, count in (("now-1h", 60, 60), ("now-1d", 300, 288), ("now-30d", 21600, 120)):
        answer = whole.get("/api/v1/services/shop/series", {"start": start})
        assert (answer["step_s"], len(answer["series"])) == (step_s, count)


def test_an_operation_that_was_never_seen(whole: Backend) -> None:
    params = {"operation": "SELEKT"}
    assert "did you mean SELECT?" in whole.problem("/api/v1/services/shop/series", params, 404)
    later = {"operation": "SELECT", "start": "now-1s"}
    assert whole.get("/api/v1/services/shop/series", later)["series"][0]["span_count"] == 0


def test_a_service_that_was_never_seen(whole: Backend) -> None:
    whole.problem("/api/v1/services/nobody/series", {"step": "1m"}, status=404)
