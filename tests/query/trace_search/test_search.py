"""GET /api/v1/traces: what is found, in which order, and page by page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.backend import Backend, add_attributes, backend, spans_request
from support.fake_decoder import START_NS

SECOND_NS: Final = 1_000_000_000
HOUR_NS: Final = 3_600 * SECOND_NS


@dataclass(frozen=True)
class Sent:
    """A span of trace `trace`, `offset_ns` after START_NS."""

    trace: int
    offset_ns: int
    duration_ns: int = 1_000
    service: str = "shop"
    name: str = "GET"
    kind: int = Span.SPAN_KIND_SERVER
    is_error: bool = False
    code: int = 200


SENT: Final = [
    Sent(1, 0, 5 * SECOND_NS),
    Sent(1, SECOND_NS, SECOND_NS, "pay", "charge", Span.SPAN_KIND_CLIENT, True, 503),
    Sent(2, 10 * SECOND_NS, 2 * SECOND_NS),
    Sent(3, 10 * SECOND_NS, 3 * SECOND_NS, "pay", "refund", code=404),
    # Begins days before its last span.
    Sent(4, -72 * HOUR_NS, 1_000, "batch"),
    Sent(4, 20 * SECOND_NS, 1_000, "pay", "charge", code=500),
    Sent(5, -200 * HOUR_NS, 1_000, "old", "tick", Span.SPAN_KIND_INTERNAL),
    Sent(6, 3 * HOUR_NS, 1_000, "future"),
]


def trace_id(number: int) -> str:
    return f"{number:032x}"


def send(whole: Backend, place: int, sent: Sent) -> None:
    span = Span(
        trace_id=bytes.fromhex(trace_id(sent.trace)),
        span_id=(place + 1).to_bytes(8, "big"),
        name=sent.name,
        kind=sent.kind,  # type: ignore[arg-type]
        start_time_unix_nano=START_NS + sent.offset_ns,
        end_time_unix_nano=START_NS + sent.offset_ns + sent.duration_ns,
        status=Status(code=Status.STATUS_CODE_ERROR) if sent.is_error else None,
    )
    add_attributes(span.attributes, {"http.response.status_code": sent.code})
    whole.send(spans_request([span], sent.service))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Every second span is in a file of its own, the others in the log."""
    with backend(tmp_path_factory.mktemp("data")) as whole:
        for parity in (0, 1):
            for place, sent in enumerate(SENT):
                if place % 2 == parity:
                    send(whole, place, sent)
                    if parity == 0:
                        whole.flush()
        whole.clock.advance(60)
        yield whole


def found(whole: Backend, **asked: Any) -> list[int]:
    traces = whole.get("/api/v1/traces", asked)["traces"]
    return [int(trace["trace_id"], 16) for trace in traces]


def test_a_trace_is_summed_up_whole(whole: Backend) -> None:
    answer = whole.get("/api/v1/traces", {"operation": "charge", "status": "error"})
    assert answer == {
        "traces": [
            {
                "trace_id": trace_id(1),
                "start_time": "2026-01-01T00:00:00.000000000Z",
                "end_time": "2026-01-01T00:00:05.000000000Z",
                "duration_ns": 5 * SECOND_NS,
                "root_service_name": "shop",
                "root_name": "GET",
                "span_count": 2,
                "error_count": 1,
                "services": ["pay", "shop"],
            }
        ]
    }


@pytest.mark.parametrize(
    ("asked", "traces"),
    [
        ({}, [6, 2, 3, 1, 4, 5]),
        ({"order": "slowest"}, [4, 1, 3, 2, 5, 6]),
        ({"order": "slowest", "service": "pay"}, [4, 1, 3]),
        ({"order": "slowest", "status": "error"}, [1]),
        ({"order": "slowest", "operation": "charge"}, [4, 1]),
        ({"order": "slowest", "service": "shop", "start": "2026-01-01T00:00:01Z"}, [2]),
        ({"order": "slowest", "end": "2026-01-01T00:00:10Z"}, [4, 1, 5]),
        ({"service": "pay"}, [3, 1, 4]),
        ({"service": "pay", "operation": "charge"}, [1, 4]),
        ({"service": "shop", "operation": "charge"}, []),
        ({"kind": "client"}, [1]),
        ({"kind": "internal"}, [5]),
        ({"min_duration": "2s"}, [2, 3, 1]),
        ({"min_duration": "2s", "max_duration": "3000ms"}, [2, 3]),
        ({"max_duration": 1_000}, [6, 4, 5]),
        ({"attribute": "http.response.status_code>=500"}, [1, 4]),
        ({"attribute": ["http.response.status_code>=400", "service.name=pay"]}, [3, 1, 4]),
        ({"start": "2026-01-01T00:00:10Z"}, [6, 2, 3, 4]),
        ({"start": "2026-01-01T00:00:01Z", "end": "2026-01-01T00:00:10Z"}, [1]),
        ({"end": "now-10s"}, [2, 3, 1, 4, 5]),
        ({"start": "now-300h", "end": "now-100h"}, [5]),
        ({"service": "nowhere"}, []),
    ],
)
def test_the_spans_that_match_decide(
    whole: Backend, asked: dict[str, Any], traces: list[int]
) -> None:
    assert found(whole, **asked) == traces


@pytest.mark.parametrize("order", ["newest", "slowest"])
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_make_up_the_list(whole: Backend, order: str, limit: int) -> None:
    asked: dict[str, Any] = {"order": order, "limit": limit, "start": "now-300h"}
    pages, more = [], {}
    while True:
        answer = whole.get("/api/v1/traces", {**asked, **more})
        pages += [int(trace["trace_id"], 16) for trace in answer["traces"]]
        if "next_cursor" not in answer:
            break
        assert len(answer["traces"]) == limit
        more = {"cursor": answer["next_cursor"]}
    assert pages == ([6, 2, 3, 1, 4, 5] if order == "newest" else [4, 1, 3, 2, 5, 6])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"servce": "pay"}, "servce"),
        ({"start": "now", "end": "now-1h"}, "start: is not before end"),
        ({"start": "yesterday"}, "start: 'yesterday' is not a time"),
        ({"min_duration": "fast"}, "min_duration: 'fast' is no duration"),
        ({"min_duration": "2s", "max_duration": "1s"}, "min_duration: is more than max_duration"),
        ({"attribute": "http.route"}, "attribute: 'http.route', character 11"),
        ({"attribute": ["k=v"] * 65}, "attribute: List should have at most 64 items"),
        ({"kind": "srv"}, "kind"),
        ({"status": "500"}, "status"),
        ({"order": "oldest"}, "order"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"cursor": "x"}, "cursor: is none that was given out here"),
    ],
)
def test_a_wrong_question_is_a_problem(whole: Backend, asked: dict[str, Any], words: str) -> None:
    assert words in whole.problem("/api/v1/traces", asked)


def test_a_cursor_belongs_to_its_list(whole: Backend) -> None:
    cursor = whole.get("/api/v1/traces", {"limit": 1})["next_cursor"]
    asked = {"limit": 1, "cursor": cursor, "service": "pay"}
    assert "other parameters" in whole.problem("/api/v1/traces", asked)


def test_a_broken_regular_expression_is_the_askers_mistake(whole: Backend) -> None:
    asked = {"attribute": "http.route~["}
    assert "character 12" in whole.problem("/api/v1/traces", asked)


SPANS = st.lists(
    st.builds(
        Sent,
        trace=st.integers(1, 12),
        offset_ns=st.sampled_from([0, 1, 2, 90, 7_000, 9 * 60, 30 * 3_600]).map(
            lambda s: -s * SECOND_NS
        ),
        duration_ns=st.integers(0, 4),
        service=st.sampled_from(["a", "b"]),
    ),
    min_size=1,
    max_size=30,
)


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as another:
        yield another


EXAMPLES = count(1)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(spans=SPANS, limit=st.integers(1, 5))
def test_any_spans_are_listed_by_the_starts_of_their_traces(
    another: Backend, spans: list[Sent], limit: int
) -> None:
    """Each example has services and traces of its own."""
    example, own = send_example(another, spans)
    starts = {
        one.trace: min(other.offset_ns for other in own if other.trace == one.trace)
        for one in own
        if one.service == f"a{example}"
    }
    expected = sorted(starts, key=lambda trace: (-starts[trace], trace))
    assert all_pages(another, service=f"a{example}", limit=limit) == expected


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(spans=SPANS, limit=st.integers(1, 5), ago_s=st.sampled_from([1, 2, 90, 7_000]))
def test_any_spans_are_listed_by_what_their_traces_took(
    another: Backend, spans: list[Sent], limit: int, ago_s: int
) -> None:
    """Of the last two hours, since more is not looked at."""
    spans = [one for one in spans if one.offset_ns >= -7_000 * SECOND_NS] or [Sent(1, 0)]
    spans = [replace(one, duration_ns=one.duration_ns * 60 * SECOND_NS) for one in spans]
    reach_s = ago_s + 3_600
    spans = [replace(one, offset_ns=max(one.offset_ns, -reach_s * SECOND_NS)) for one in spans]
    example, own = send_example(another, spans)
    found = {
        one.trace: max(other.offset_ns + other.duration_ns for other in of_trace)
        - min(other.offset_ns for other in of_trace)
        for one in own
        if one.service == f"a{example}" and one.offset_ns >= -ago_s * SECOND_NS
        for of_trace in [[other for other in own if other.trace == one.trace]]
    }
    expected = sorted(found, key=lambda trace: (-found[trace], trace))
    start = f"{START_NS // SECOND_NS - ago_s}"
    asked = {"service": f"a{example}", "order": "slowest", "start": start, "limit": limit}
    assert all_pages(another, **asked) == expected


def send_example(another: Backend, spans: list[Sent]) -> tuple[int, list[Sent]]:
    """Its number, and the spans with names of its own."""
    example = next(EXAMPLES)
    own = [
        replace(one, service=f"{one.service}{example}", trace=100 * example + one.trace)
        for one in spans
    ]
    for place, sent in enumerate(own):
        send(another, place, sent)
        if place % 7 == 6:
            another.flush()
    return example, own


def all_pages(another: Backend, **asked: Any) -> list[int]:
    pages: list[int] = []
    while True:
        answer = another.get("/api/v1/traces", asked)
        pages += [int(trace["trace_id"], 16) for trace in answer["traces"]]
        if "next_cursor" not in answer:
            return pages
        asked["cursor"] = answer["next_cursor"]
