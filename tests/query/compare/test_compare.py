"""GET /api/v1/compare: shares counted by hand, planted causes first, ids and the selection's own
attributes left out."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.backend import Backend, add_attributes, backend, spans_request
from support.fake_decoder import START_NS

SECOND_NS: Final = 1_000_000_000
HOUR_NS: Final = 3_600 * SECOND_NS
SHOP: Final = {"service": "shop", "operation": "GET"}


class Sender:
    """Gives each span an id of its own."""

    def __init__(self, whole: Backend) -> None:
        self._whole = whole
        self._sent = 0

    def send(
        self,
        attributes: dict[str, Any],
        count: int = 1,
        service: str = "shop",
        version: str = "1.0",
        ago_s: int = 60,
        duration_ms: int = 10,
        error: bool = False,
        trace_state: str = "",
    ) -> None:
        for _ in range(count):
            self._sent += 1
            start_ns = START_NS - ago_s * SECOND_NS
            span = Span(
                trace_id=self._sent.to_bytes(16, "big"),
                span_id=self._sent.to_bytes(8, "big"),
                name="GET",
                kind=Span.SPAN_KIND_SERVER,
                trace_state=trace_state,
                start_time_unix_nano=start_ns,
                end_time_unix_nano=start_ns + duration_ms * 1_000_000,
                status=Status(code=Status.STATUS_CODE_ERROR) if error else None,
            )
            add_attributes(span.attributes, {"request.id": f"r{self._sent}", **attributes})
            self._whole.send(spans_request([span], service, service__version=version))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as whole:
        sender = Sender(whole)
        sender.send({"http.route": "/pay", "region": "eu"}, 3, duration_ms=900)
        sender.send({"http.route": "/cart", "region": "eu"}, 1, duration_ms=900)
        whole.flush()
        sender.send({"http.route": "/pay", "region": "us"}, 1)
        sender.send({"http.route": "/cart", "region": "us"}, 3)
        # Of another operation's kind: in no baseline of the shop's.
        sender.send({"http.route": "/pay", "region": "eu"}, 9, service="other")
        # Yesterday, and a release of it that fails in one region.
        day_s = 24 * 3_600
        sender.send({"region": "us"}, 4, ago_s=day_s)
        sender.send({"region": "eu"}, 4, ago_s=day_s)
        sender.send({"region": "eu"}, 4, version="2.0", ago_s=day_s, error=True)
        # Sampled: one of four kept, and all kept.
        sender.send({"cache": "miss"}, 1, "sampled", trace_state="ot=th:c", duration_ms=900)
        sender.send({"cache": "hit"}, 4, "sampled", duration_ms=900)
        sender.send({"cache": "hit"}, 8, "sampled")
        # Of ten values, one is slow.
        for number in range(120):
            sender.send({"pod": "bad" if number % 4 == 0 else f"p{number % 12}"}, 1, "many")
        sender.send({"pod": "bad"}, 2, "many", duration_ms=900)
        yield whole


def compared(whole: Backend, **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = whole.get("/api/v1/compare", asked)
    return answer


def shares(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("attribute", "value", "selection_share", "baseline_share")
    return [tuple(one[name] for name in names) for one in answer["differences"]]


def test_slow_spans_are_compared_with_all_others_of_their_kind(whole: Backend) -> None:
    answer = compared(whole, **SHOP, min_duration="500ms")
    assert shares(answer) == [
        ("attributes.region", "eu", 1.0, 0.0),
        ("attributes.http.route", "/pay", 0.75, 0.25),
    ]
    assert (answer["selection_count"], answer["baseline_count"]) == (4, 4)
    assert (answer["selection_examined"], answer["baseline_examined"]) == ("1/1", "1/1")
    assert answer["start"] == "2025-12-31T23:00:00.000000000Z"
    assert answer["differences"][1] == {
        "attribute": "attributes.http.route",
        "value": "/pay",
        "selection_share": 0.75,
        "baseline_share": 0.25,
        "difference": 0.5,
        "selection_count": 3,
        "baseline_count": 1,
        "value_count": 2,
    }


def test_a_window_is_compared_with_an_earlier_one(whole: Backend) -> None:
    answer = compared(
        whole, **SHOP, start="now-25h", end="now-23h", baseline_start="now-1h", baseline_end="now"
    )
    assert shares(answer) == [
        ("resource_attributes.service.version", "2.0", pytest.approx(1 / 3), 0.0),
        ("span.status_code", "error", pytest.approx(1 / 3), 0.0),
        ("attributes.region", "eu", pytest.approx(8 / 12), 0.5),
    ]
    assert (answer["selection_count"], answer["baseline_count"]) == (12, 8)


def test_a_release_is_compared_with_another(whole: Backend) -> None:
    answer = compared(
        whole,
        **SHOP,
        start="now-2d",
        attribute="service.version=2.0",
        baseline_attribute="service.version=1.0",
    )
    assert shares(answer)[0] == ("span.status_code", "error", 1.0, 0.0)
    assert shares(answer)[1] == ("attributes.region", "eu", 1.0, 0.5)
    assert (answer["selection_count"], answer["baseline_count"]) == (4, 16)


def test_failing_spans_are_compared_and_not_by_being_failed(whole: Backend) -> None:
    answer = compared(whole, **SHOP, status="error", start="now-2d")
    assert [one[:2] for one in shares(answer)] == [
        ("resource_attributes.service.version", "2.0"),
        ("attributes.region", "eu"),
    ]


def test_sampled_spans_count_for_those_that_were_not_kept(whole: Backend) -> None:
    """The one `miss` that was kept stands for four."""
    answer = compared(whole, service="sampled", min_duration="500ms")
    assert shares(answer) == [("attributes.cache", "miss", 0.5, 0.0)]
    assert answer["differences"][0]["selection_count"] == 1


def test_attributes_of_many_values_count_where_spans_share_them(whole: Backend) -> None:
    """request.id is another one in each span, pod is not."""
    answer = compared(whole, service="many", min_duration="500ms")
    assert shares(answer) == [("attributes.pod", "bad", 1.0, 0.25)]


def test_nothing_selected_is_said(whole: Backend) -> None:
    answer = compared(whole, **SHOP, min_duration="1h")
    assert (answer["differences"], answer["selection_count"]) == ([], 0)
    assert answer["baseline_count"] == 8


def test_the_list_is_cut(whole: Backend) -> None:
    assert len(shares(compared(whole, **SHOP, min_duration="500ms", limit=1))) == 1


def test_a_service_that_never_was_is_named(whole: Backend) -> None:
    for route in ("compare", "bottlenecks"):
        asked = {"service": "shopp", "operation": "GET"}
        more = {"status": "error"} if route == "compare" else {}
        problem = whole.problem(f"/api/v1/{route}", {**asked, **more}, status=404)
        assert "'shopp'" in problem
        assert "shop" in problem.replace("shopp", "")
        whole.problem(f"/api/v1/{route}", {"service": "shop", "operation": "PUT", **more}, 404)
        assert whole.get(f"/api/v1/{route}", {**asked, "service": "shop", "end": "now-9d", **more})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (SHOP, "everything of that service and operation is selected"),
        ({**SHOP, "baseline_attribute": "version"}, "baseline_attribute: 'version', character 8"),
        ({**SHOP, "baseline_start": "now", "baseline_end": "now-1h"}, "baseline_start: is not"),
        ({**SHOP, "start": "now", "end": "now-1h", "status": "error"}, "start: is not before end"),
        ({**SHOP, "baseline": "x"}, "baseline"),
        ({**SHOP, "status": "error", "limit": 0}, "limit"),
    ],
)
def test_a_wrong_question_is_a_problem(whole: Backend, asked: dict[str, Any], words: str) -> None:
    assert words in whole.problem("/api/v1/compare", asked)
