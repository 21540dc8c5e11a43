"""F: errors, retry and throttling."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2
from support.items import json_span, one_span, span, traces
from support.live import JSON, PROTOBUF, Live, details_of, head, start, status_of, trailers_of
from support.otlp_server import TIMEOUT_S
from support.requests import sized

Code = grpc.StatusCode
MIB = 2**20


def _overload(small: Live, requests: int = 4) -> list[httpx.Response]:
    """The answers to requests for which the budget has no room."""
    with small.holding(2, MIB), ThreadPoolExecutor(requests) as pool:
        bodies = [(PROTOBUF, one_span()), (JSON, json_span())] * (requests // 2)
        posts = [pool.submit(small.post, "/v1/traces", body, kind) for kind, body in bodies]
        return [post.result() for post in posts]


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_083_each_error_has_a_status(
    live: Live, small: Live, full: Live, broken: Live, content_type: str
) -> None:
    good = one_span() if content_type == PROTOBUF else json_span()
    answers = [
        (400, 3, live.post("/v1/traces", b"\xff", content_type)),
        (404, 5, live.post("/nothing", good, content_type)),
        (413, 8, small.post("/v1/traces", bytes(MIB + 1), content_type)),
        (415, 3, live.post("/v1/traces", good, content_type, content_encoding="br")),
        (500, 13, broken.post("/v1/traces", good, content_type)),
        (503, 14, full.post("/v1/traces", good, content_type)),
    ]
    for http_status, code, answer in answers:
        assert answer.status_code == http_status
        assert answer.headers["Content-Type"] == content_type
        found = status_of(answer)
        assert (found.code, bool(found.message)) == (code, True)


def test_084_bad_data_names_its_field(live: Live) -> None:
    field = "resource_spans[0].scope_spans[0].spans[0].name"
    found = status_of(live.post("/v1/traces", json_span(name=7), JSON))
    violation = error_details_pb2.BadRequest()
    assert found.details[0].Unpack(violation)
    assert [one.field for one in violation.field_violations] == [field]
    error = live.export_refused("traces", b"\xff")
    assert error.code() is Code.INVALID_ARGUMENT
    assert details_of(error).details[0].Unpack(violation)


def test_085_trouble_for_a_time_comes_with_a_delay(full: Live, small: Live) -> None:
    for answer in [full.post("/v1/traces", one_span()), *_overload(small, 2)]:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    error = full.export_refused("traces", one_span())
    assert error.code() is Code.UNAVAILABLE
    assert "google.rpc.retryinfo-bin" in trailers_of(error)


def test_086_it_is_503_rather_than_429(small: Live) -> None:
    assert {answer.status_code for answer in _overload(small)} == {503}


def test_087_it_is_unavailable_rather_than_exhausted(small: Live) -> None:
    with small.holding(2, MIB):
        assert small.export_refused("traces", one_span()).code() is Code.UNAVAILABLE


def test_088_too_large_has_no_delay(small: Live) -> None:
    error = small.export_refused("traces", sized(MIB + 1, one_span()))
    assert error.code() is Code.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" not in trailers_of(error)
    answer = small.post("/v1/traces", sized(MIB + 1, one_span()))
    assert "Retry-After" not in answer.headers
    assert list(status_of(answer).details) == []


def test_089_retry_after_is_whole_seconds_on_503_alone(
    live: Live, full: Live, small: Live, broken: Live
) -> None:
    later = full.post("/v1/traces", one_span())
    delay = error_details_pb2.RetryInfo()
    assert status_of(later).details[0].Unpack(delay)
    assert later.headers["Retry-After"] == str(delay.retry_delay.seconds)
    assert delay.retry_delay.nanos == 0
    for answer in (
        live.post("/v1/traces", b"\xff"),
        live.post("/nothing", b""),
        live.post("/v1/traces", b"", "text/plain"),
        small.post("/v1/traces", bytes(MIB + 1)),
        broken.post("/v1/traces", one_span()),
    ):
        assert answer.status_code in (400, 404, 413, 415, 500)
        assert "Retry-After" not in answer.headers


def test_090_delays_are_short(full: Live, small: Live) -> None:
    for answer in [full.post("/v1/traces", one_span()), *_overload(small, 2)]:
        assert 1 <= int(answer.headers["Retry-After"]) <= 5


def test_091_our_defects_are_not_to_be_sent_again(broken: Live, full: Live) -> None:
    answer = broken.post("/v1/traces", one_span())
    assert (answer.status_code, status_of(answer).code) == (500, 13)
    assert "secret" not in status_of(answer).message
    error = broken.export_refused("traces", one_span())
    assert error.code() is Code.INTERNAL
    assert "secret" not in error.details()
    assert full.post("/v1/traces", one_span()).status_code == 503
    assert full.export_refused("traces", one_span()).code() is Code.UNAVAILABLE


def test_092_what_was_stored_was_answered(tmp_path: Path) -> None:
    """Clients send until the server ends; then exactly what had its answer is there."""
    live = Live(start(tmp_path))
    answered: Counter[str] = Counter()
    sent = threading.Event()

    def send(name: str) -> None:
        client = httpx.Client(base_url=live.server.http_endpoint, timeout=TIMEOUT_S)
        for number in range(100_000):
            one = f"{name}-{number}"
            try:
                answer = client.post(
                    "/v1/traces", content=one_span(name=one), headers={"Content-Type": PROTOBUF}
                )
            except httpx.TransportError:
                return
            answered[one] += answer.status_code == 200
            if number == 20:
                sent.set()

    threads = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    assert sent.wait(TIMEOUT_S)
    assert live.server.stop() == 0
    for thread in threads:
        thread.join(TIMEOUT_S)
    live.server.start()
    try:
        stored = Counter(row["name"] for row in live.rows("spans", "name"))
        assert stored == +answered
    finally:
        live.close()
        live.server.stop()


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_093_of_what_had_an_error_nothing_is_stored(
    live: Live, full: Live, content_type: str
) -> None:
    if content_type == PROTOBUF:
        good = traces(*[span()] * 50)
        bad = good + b"\xff"
    else:
        good = json_span()
        bad = good[:-1]
    live.refuse("/v1/traces", bad, content_type)
    live.refuse("/v1/traces", bad, content_type)
    full.refuse("/v1/traces", good, content_type, status=503)
    assert (live.count("spans"), full.count("spans")) == (0, 0)
    live.accept("/v1/traces", good, content_type)
    assert live.count("spans") == (50 if content_type == PROTOBUF else 1)


def test_094_a_client_that_does_not_wait_is_told_so_each_time(full: Live) -> None:
    started_s = time.monotonic()
    answers = [full.post("/v1/traces", one_span()) for _ in range(200)]
    assert {answer.status_code for answer in answers} == {503}
    assert time.monotonic() - started_s < 30
    assert full.count("spans") == 0


@pytest.mark.parametrize(
    ("path", "lines", "status"),
    [
        ("/v1/nothing", ["Content-Length: 1000"], b"404"),
        ("/v1/traces", ["Content-Length: 1048577"], b"413"),
        ("/v1/traces", ["Content-Length: 1000", "Content-Encoding: br"], b"415"),
    ],
)
def test_095_what_needs_no_body_is_decided_without(
    small: Live, path: str, lines: list[str], status: bytes
) -> None:
    (answer,) = small.raw(head(path, *lines))
    assert answer.startswith(b"HTTP/1.1 " + status)
