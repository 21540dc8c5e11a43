"""C: HTTP content types."""

import pytest
from support.items import json_span, one_span
from support.live import JSON, PROTOBUF, Live, status_of


def test_038_protobuf_is_taken(live: Live) -> None:
    live.accept("/v1/traces", one_span(name="binary"), "application/x-protobuf")
    assert live.row("spans", "name") == {"name": "binary"}


def test_039_json_is_taken(live: Live) -> None:
    live.accept("/v1/traces", json_span(name="text"), "application/json")
    assert live.row("spans", "name") == {"name": "text"}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "Application/Json ; Charset=UTF-8",
        "application/x-protobuf;messageType=x",
        "application/X-ProtoBuf",
    ],
)
def test_040_case_and_parameters_do_not_matter(live: Live, content_type: str) -> None:
    body = json_span() if "json" in content_type.lower() else one_span()
    live.accept("/v1/traces", body, content_type)
    assert live.count("spans") == 1


@pytest.mark.parametrize(
    "content_type", [None, "", "json", ";", "application/xml", "application/grpc", "*/*", "\xff"]
)
def test_041_other_types_are_refused(live: Live, content_type: str | None) -> None:
    headers = [] if content_type is None else [(b"Content-Type", content_type.encode("latin-1"))]
    answer = live.client.post("/v1/traces", content=json_span(), headers=headers)
    assert answer.status_code == 415
    assert "application/x-protobuf or application/json" in status_of(answer).message
    assert live.count("spans") == 0


def test_042_an_alias_is_taken_and_a_bare_beacon_is_not(live: Live) -> None:
    live.accept("/v1/traces", one_span(), "application/protobuf")
    live.refuse("/v1/traces", json_span(), "text/plain;charset=UTF-8", status=415)
    assert live.count("spans") == 1


@pytest.mark.parametrize(
    ("content_type", "answered"),
    [
        ("application/json; charset=utf-8", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/x-protobuf; x=y", PROTOBUF),
        ("application/protobuf", PROTOBUF),
    ],
)
def test_043_the_answer_has_the_requests_encoding(
    live: Live, content_type: str, answered: str
) -> None:
    good = json_span() if answered == JSON else one_span()
    odd = json_span(traceId="ab") if answered == JSON else one_span(trace_id=b"ab")
    for body, status in ((good, 200), (odd, 200), (b"\xff", 400)):
        answer = live.post("/v1/traces", body, content_type)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == answered


@pytest.mark.parametrize("accept", ["application/json", PROTOBUF, "text/html", "*/*", ""])
def test_044_accept_changes_nothing(live: Live, accept: str) -> None:
    for content_type, body in ((PROTOBUF, one_span()), (JSON, json_span())):
        answer = live.post("/v1/traces", body, content_type, accept=accept)
        assert answer.headers["Content-Type"] == content_type
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/traces", 405), ("POST", "/v1/traces", 415), ("GET", "/nothing", 404)],
)
def test_045_an_error_of_unknown_encoding_is_json(
    live: Live, method: str, path: str, status: int
) -> None:
    answer = live.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == JSON
    assert status_of(answer).message
