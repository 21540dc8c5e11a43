"""E: success and partial success."""

import json

import pytest
from support.items import (
    NOW_NS,
    gauge,
    histogram,
    json_logs,
    json_points,
    json_span,
    json_traces,
    logs,
    metrics,
    one_span,
    point,
    span,
    summary,
    traces,
)
from support.live import JSON, PROTOBUF, Live

BODIES = {
    "traces": (one_span(), json_span()),
    "metrics": (metrics(gauge(point(as_int=1))), json_points("gauge", {"asInt": 1})),
    "logs": (logs({}), json_logs({})),
}
_ACCEPTED = "goldeneye_receiver_accepted_items_total"


@pytest.mark.parametrize("signal", list(BODIES))
def test_071_a_success_is_200_and_empty(live: Live, signal: str) -> None:
    protobuf, text = BODIES[signal]
    answers = [live.post(f"/v1/{signal}", protobuf), live.post(f"/v1/{signal}", text, JSON)]
    assert [(answer.status_code, answer.content) for answer in answers] == [
        (200, b""),
        (200, b"{}"),
    ]


def test_072_a_full_success_has_no_partial_success(live: Live) -> None:
    for signal, (protobuf, text) in BODIES.items():
        assert live.export(signal, protobuf) == b""  # type: ignore[arg-type]
        assert live.post(f"/v1/{signal}", text, JSON).json() == {}


@pytest.mark.parametrize("signal", list(BODIES))
def test_073_an_empty_request_is_a_success(live: Live, signal: str) -> None:
    assert live.export(signal, b"") == b""  # type: ignore[arg-type]
    live.accept(f"/v1/{signal}", b"")
    live.accept(f"/v1/{signal}", b"{}", JSON)


def test_074_empty_envelopes_count_nothing(live: Live) -> None:
    before = live.metric(_ACCEPTED)
    live.accept("/v1/traces", traces(resource={"attributes": [{"key": "k"}]}))
    live.accept("/v1/traces", json_traces(), JSON)
    live.accept("/v1/metrics", metrics())
    live.accept("/v1/metrics", metrics(gauge()))
    live.accept("/v1/logs", logs())
    assert live.metric(_ACCEPTED) == before
    assert [live.count(table) for table in ("spans", "metric_points", "logs")] == [0, 0, 0]


@pytest.mark.parametrize(("good", "bad"), [(0, 1), (3, 2), (1, 1_000)])
def test_075_what_is_rejected_is_counted_exactly(live: Live, good: int, bad: int) -> None:
    body = traces(*[span()] * good, *[span(span_id=b"x")] * bad)
    assert live.partial("/v1/traces", body).rejected_spans == bad
    assert live.count("spans") == good
    body = metrics(gauge(*[point(as_int=1)] * good, *[point()] * bad))
    assert live.partial("/v1/metrics", body).rejected_data_points == bad
    assert live.count("metrics") == good


def test_076_the_message_says_what_is_wrong(live: Live) -> None:
    message = live.partial("/v1/traces", one_span(trace_id=b"short")).error_message
    assert "trace_id must be 16 bytes" in message
    message = live.partial("/v1/metrics", metrics(gauge(point()))).error_message
    assert "as_int" in message


def test_077_a_warning_rejects_nothing(live: Live) -> None:
    found = live.partial("/v1/traces", json_span(kind="SPAN_KIND_CLIENT"), JSON)
    assert (found.rejected_spans, bool(found.error_message)) == (0, True)
    assert live.count("spans") == 1


def test_078_trouble_for_a_time_is_no_partial_success(full: Live) -> None:
    """Also where part of the request would be rejected for good."""
    body = traces(span(), span(trace_id=b"short"))
    assert full.refuse("/v1/traces", body, status=503)
    assert full.count("spans") == 0


def test_079_items_are_spans_points_and_records(live: Live) -> None:
    event, link = {"name": "event"}, {"trace_id": b"x"}
    body = traces(span(events=[event] * 3, links=[link] * 2, trace_id=b""))
    assert live.partial("/v1/traces", body).rejected_spans == 1
    rejected = [point(time_unix_nano=0, count=1)] * 4
    body = metrics(histogram(*rejected), summary(*rejected[:2]))
    assert live.partial("/v1/metrics", body).rejected_data_points == 6


def test_080_an_answer_is_small(live: Live) -> None:
    """Each span has another fault, at other places, in a name of a mebibyte."""
    faults = [{"trace_id": b"x"}, {"span_id": b"x"}, {"parent_span_id": b"x"}]
    body = traces(*(span(name="x" * 2**20, **fault) for fault in faults * 3))
    answer = live.post("/v1/traces", body)
    assert answer.status_code == 200
    assert 0 < len(answer.content) < 4096


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_081_an_answer_is_never_compressed(live: Live, content_type: str) -> None:
    body = one_span(trace_id=b"x") if content_type == PROTOBUF else json_span(traceId="")
    answer = live.post("/v1/traces", body, content_type, accept_encoding="gzip")
    assert "Content-Encoding" not in answer.headers


def test_082_nothing_is_dropped_silently(live: Live) -> None:
    bare = {"traceId": "ab" * 16, "spanId": "cd" * 8, "endTimeUnixNano": str(NOW_NS)}
    live.accept("/v1/traces", json_traces(bare, {**bare, "kind": 99, "status": {}}), JSON)
    assert live.count("spans") == 2
    body = json.loads(json_points("gauge", {"asInt": 1, "flags": 2}, {"asInt": 1}))
    live.accept("/v1/metrics", json.dumps(body).encode(), JSON)
    live.accept("/v1/logs", json_logs({}, {"severityNumber": 77}), JSON)
    assert (live.count("metrics"), live.count("logs")) == (2, 2)
