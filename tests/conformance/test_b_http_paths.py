"""B: HTTP paths and methods."""

from collections.abc import Iterator

import httpx
import pytest
from support.items import HEX_IDS, gauge, json_span, logs, metrics, one_span, point
from support.live import JSON, PROTOBUF, Live, head, status_of

from goldeneye.config import Config

OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]


def test_020_spans_are_taken(live: Live) -> None:
    live.accept("/v1/traces", one_span(name="over HTTP"))
    assert live.row("spans", "name, trace_id") == {
        "name": "over HTTP",
        "trace_id": HEX_IDS["traceId"],
    }


def test_021_metrics_are_taken(live: Live) -> None:
    live.accept("/v1/metrics", metrics(gauge(point(as_double=0.5))))
    assert live.row("metrics", "value") == {"value": 0.5}


def test_022_log_records_are_taken(live: Live) -> None:
    live.accept("/v1/logs", logs({"body": {"string_value": "over HTTP"}}))
    assert live.row("logs", "body_text") == {"body_text": "over HTTP"}


@pytest.mark.parametrize("path", ["/v1development/profiles", "/v1/profiles"])
def test_023_profiles_are_not_found(live: Live, path: str) -> None:
    assert "/v1/traces" in live.refuse(path, b"", status=404)


def test_025_the_port_is_the_usual_one() -> None:
    assert Config().receiver.http.endpoint == "127.0.0.1:4318"


@pytest.mark.parametrize("method", OTHER_METHODS)
@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
def test_026_other_methods_are_not_allowed(live: Live, signal: str, method: str) -> None:
    answer = _request(live, method, f"/v1/{signal}")
    assert answer.status_code == 405
    assert live.count("spans") == 0


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_027_what_is_allowed_is_said(live: Live, method: str) -> None:
    assert _request(live, method, "/v1/traces").headers["Allow"] == "POST"


def _request(live: Live, method: str, path: str) -> httpx.Response:
    return live.client.request(method, path, content=one_span(), headers={"Content-Type": PROTOBUF})


@pytest.mark.parametrize("path", ["/v1", "/V1/traces", "/v1/trace", "/v1/traces/x", "/api", "/x"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_028_an_unknown_path_is_not_found(live: Live, path: str, content_type: str) -> None:
    answer = live.post(path, one_span(), content_type)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == content_type
    assert status_of(answer).code == 5
    assert live.count("spans") == 0


@pytest.mark.parametrize("path", ["/v1/traces/", "//v1/traces", "/v1//traces", "//v1//traces//"])
def test_029_slashes_too_many_are_served(live: Live, path: str) -> None:
    live.accept(path, one_span())
    assert live.count("spans") == 1


@pytest.mark.parametrize("path", ["/v1/metrics", "/v1/nothing", "/", "/v1/traces/v1/traces/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_029_nothing_is_redirected(live: Live, path: str, method: str) -> None:
    answer = _request(live, method, path)
    assert answer.status_code in (400, 404, 405)
    assert "Location" not in answer.headers


def test_030_the_root_names_the_paths(live: Live) -> None:
    assert "/v1/traces, /v1/metrics, /v1/logs" in live.refuse("/", one_span(), status=404)


@pytest.mark.parametrize("path", ["/v1/traces/v1/traces", "/v1/v1/traces", "/v1/logs/v1/traces"])
def test_031_a_doubled_path_is_explained(live: Live, path: str) -> None:
    assert "the endpoint already has /v1/traces" in live.refuse(path, one_span(), status=404)


def test_032_an_http2_preface_is_refused_without_harm(live: Live) -> None:
    (answer,) = live.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 2")
    live.accept("/v1/traces", one_span())


def test_033_protobuf_and_json_share_the_port(live: Live) -> None:
    live.accept("/v1/traces", one_span(name="protobuf"))
    live.accept("/v1/traces", json_span(name="json"), JSON)
    assert [row["name"] for row in live.rows("spans", "name")] == ["protobuf", "json"]


def test_034_grpc_on_the_http_port_is_no_success(live: Live) -> None:
    assert live.post("/v1/traces", one_span(), "application/grpc").status_code == 415


def test_035_chunked_bodies_are_taken(live: Live) -> None:
    body = one_span(name="chunked" * 10_000)

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(body), 1000):
            yield body[at : at + 1000]

    answer = live.post("/v1/traces", chunks())
    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.status_code == 200
    assert live.row("spans", "length(name) AS size") == {"size": 70_000}


def test_036_a_client_that_asks_first_is_told_to_go_on(live: Live) -> None:
    body = one_span()
    asked = head("/v1/traces", f"Content-Length: {len(body)}", "Expect: 100-continue")
    first, second = live.raw(asked, body)
    assert first.startswith(b"HTTP/1.1 100 ")
    assert second.startswith(b"HTTP/1.1 200 ")
    assert live.count("spans") == 1


def test_037_query_strings_are_ignored(live: Live) -> None:
    live.accept("/v1/traces?api_key=secret&x=%2F", one_span())
    assert live.count("spans") == 1
