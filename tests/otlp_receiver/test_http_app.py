"""OTLP over HTTP: paths, methods, encodings, compressions, limits, and what errors look like."""

import gzip
import queue
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cramjam
import httpx
import pytest
import zstandard
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from support.committer import RecordingCommitter
from support.otlp_server import TIMEOUT_S, OtlpServer
from support.requests import BODIES, ONE_SPAN_JSON, RESPONSES, points, records, sized, spans

from goldeneye.errors import StorageUnavailable
from goldeneye.limits import MIB
from goldeneye.schemas import SIGNALS, Signal
from goldeneye.telemetry import REQUESTS

PROTOBUF, JSON = "application/x-protobuf", "application/json"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "zlib": zlib.compress,
    "snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
    "x-snappy-framed": lambda body: bytes(cramjam.snappy.compress(body)),
    "lz4": lambda body: bytes(cramjam.lz4.compress(body)),
    "GZIP": gzip.compress,
    "identity": bytes,
    "": bytes,
}


def status(answer: httpx.Response) -> status_pb2.Status:
    """The error's body, in the encoding that its content type names."""
    if answer.headers["Content-Type"] == PROTOBUF:
        return status_pb2.Status.FromString(answer.content)
    assert answer.headers["Content-Type"] == JSON
    return json_format.Parse(answer.content, status_pb2.Status())


# Paths and methods


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_has_its_path(
    server: OtlpServer, committer: RecordingCommitter, signal: Signal
) -> None:
    answer = server.post(f"/v1/{signal}", BODIES[signal](3))
    assert (answer.status_code, answer.content) == (200, b"")
    assert [group.signal for group in committer.groups] == [signal]
    assert committer.groups[0].decoded.results[0].accepted == 3


@pytest.mark.parametrize("path", ["/v1/traces/", "//v1/traces", "/v1//traces", "/v1/traces?a=b"])
def test_a_slash_too_many_is_no_redirect(
    server: OtlpServer, committer: RecordingCommitter, path: str
) -> None:
    assert server.post(f"http://{server.http_address}{path}", spans(1)).status_code == 200
    assert committer.rows == 1


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/profiles", "/V1/traces", "/v1/traces/x", "/api"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_other_paths_are_not_found(server: OtlpServer, path: str, content_type: str) -> None:
    answer = server.post(path, b"", content_type)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == content_type
    assert status(answer).code == 5
    assert "/v1/traces, /v1/metrics, /v1/logs" in status(answer).message


@pytest.mark.parametrize("path", ["/v1/traces/v1/traces", "/v1/v1/traces"])
def test_a_doubled_path_is_explained(server: OtlpServer, path: str) -> None:
    answer = server.post(path, b"")
    assert answer.status_code == 404
    assert "already has /v1/traces" in status(answer).message


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(
    server: OtlpServer, committer: RecordingCommitter, method: str
) -> None:
    answer = server.client.request(
        method, "/v1/traces", content=spans(1), headers={"Content-Type": PROTOBUF}
    )
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    if method != "HEAD":
        assert "takes POST" in status(answer).message
    assert not committer.commits


def test_an_error_before_the_encoding_is_known_is_json(server: OtlpServer) -> None:
    answer = server.client.get("/v1/traces")
    assert answer.headers["Content-Type"] == JSON
    assert status(answer).code == 12


# Content types


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (PROTOBUF, spans(1)),
        ("application/protobuf", spans(1)),
        ("Application/X-Protobuf", spans(1)),
        ("application/x-protobuf;messageType=traces", spans(1)),
        (JSON, ONE_SPAN_JSON),
        ("application/json; charset=utf-8", ONE_SPAN_JSON),
        ("APPLICATION/JSON ;charset=UTF-8", ONE_SPAN_JSON),
    ],
)
def test_the_answer_has_the_requests_encoding_without_parameters(
    server: OtlpServer, committer: RecordingCommitter, content_type: str, body: bytes
) -> None:
    answer = server.post("/v1/traces", body, content_type, accept="text/html")
    assert answer.status_code == 200
    is_json = "json" in content_type.lower()
    assert answer.headers["Content-Type"] == (JSON if is_json else PROTOBUF)
    assert answer.content == (b"{}" if is_json else b"")
    assert committer.rows == 1


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "json", "application/jsonl", "application/grpc", "*/*", ";", "\xff"],
)
def test_other_content_types_are_not_supported(
    server: OtlpServer, committer: RecordingCommitter, content_type: str | None
) -> None:
    headers = [] if content_type is None else [(b"Content-Type", content_type.encode("latin-1"))]
    answer = server.client.post("/v1/traces", content=ONE_SPAN_JSON, headers=headers)
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == JSON
    assert status(answer).code == 3
    assert "application/x-protobuf or application/json" in status(answer).message
    assert not committer.commits


@pytest.mark.parametrize(
    ("http_method", "path", "content_type", "signal"),
    [
        ("POST", "/", PROTOBUF, "none"),
        ("GET", "/v1/traces", PROTOBUF, "none"),
        ("POST", "/v1/logs", "text/plain", "logs"),
    ],
)
def test_what_is_refused_unread_is_counted(
    server: OtlpServer, http_method: str, path: str, content_type: str, signal: str
) -> None:
    counter = REQUESTS.labels(signal, "http", "invalid")
    before = counter._value.get()
    headers = {"Content-Type": content_type}
    assert server.client.request(http_method, path, headers=headers).status_code > 400
    assert counter._value.get() == before + 1


# Bodies


@pytest.mark.parametrize("signal", SIGNALS)
def test_an_empty_body_is_a_request_in_protobuf_and_none_in_json(
    server: OtlpServer, committer: RecordingCommitter, signal: Signal
) -> None:
    empty = server.post(f"/v1/{signal}", b"")
    assert (empty.status_code, empty.content) == (200, b"")
    assert server.post(f"/v1/{signal}", b"{}", JSON).content == b"{}"
    assert server.post(f"/v1/{signal}", b"", JSON).status_code == 400
    assert not committer.commits


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(PROTOBUF, b"\xff"), (PROTOBUF, spans(1)[:-1]), (PROTOBUF, ONE_SPAN_JSON)]
    + [(JSON, body) for body in (b"1234", b"[]", b'"x"', b"{", b"\xff{}", spans(1), b"{}}")],
)
def test_what_is_not_otlp_is_a_bad_request(
    server: OtlpServer, committer: RecordingCommitter, content_type: str, body: bytes
) -> None:
    answer = server.post("/v1/traces", body, content_type)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == content_type
    found = status(answer)
    assert (found.code, bool(found.message)) == (3, True)
    assert "Retry-After" not in answer.headers
    assert not committer.commits


def test_a_bad_request_names_the_field(server: OtlpServer) -> None:
    wrong = ONE_SPAN_JSON.replace(b'"json"', b"7")
    found = status(server.post("/v1/traces", wrong, JSON))
    violation = error_details_pb2.BadRequest()
    assert found.details[0].Unpack(violation)
    assert violation.field_violations[0].field == "resource_spans[0].scope_spans[0].spans[0].name"
    assert violation.field_violations[0].description


@pytest.mark.parametrize(("signal", "body"), [("logs", points(1)), ("metrics", records(1))])
def test_another_signals_body_is_refused(
    server: OtlpServer, committer: RecordingCommitter, signal: Signal, body: bytes
) -> None:
    assert server.post(f"/v1/{signal}", body).status_code == 400
    assert not committer.commits


def test_what_could_be_either_signals_is_not_taken(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    """A gauge reads as a span whose trace_id is the gauge's name."""
    answer = server.post("/v1/traces", points(1))
    assert RESPONSES["traces"].FromString(answer.content).partial_success.rejected_spans == 1
    assert not committer.commits


def test_another_signals_json_is_sent_to_the_right_path(server: OtlpServer) -> None:
    found = status(server.post("/v1/logs", ONE_SPAN_JSON, JSON))
    assert "/v1/traces" in found.message


# Partial success


@pytest.mark.parametrize(
    ("signal", "body", "field", "count"),
    [
        ("traces", spans(2, short_trace_ids=3), "rejected_spans", 3),
        ("metrics", points(2, without_time=4), "rejected_data_points", 4),
    ],
)
def test_what_is_rejected_is_counted_and_explained(
    server: OtlpServer,
    committer: RecordingCommitter,
    signal: Signal,
    body: bytes,
    field: str,
    count: int,
) -> None:
    answer = server.post(f"/v1/{signal}", body)
    assert answer.status_code == 200
    found = RESPONSES[signal].FromString(answer.content).partial_success
    assert getattr(found, field) == count
    assert found.error_message.startswith(f"{count} ")
    assert committer.groups[0].decoded.results[0].accepted == 2


def test_a_partial_success_in_json_has_its_count_as_a_string(server: OtlpServer) -> None:
    body = ONE_SPAN_JSON.replace(b"5b5b", b"zz", 1)
    answer = server.post("/v1/traces", body, JSON)
    assert answer.status_code == 200
    found = answer.json()["partialSuccess"]
    assert found["rejectedSpans"] == "1"
    assert "trace_id" in found["errorMessage"]


def test_a_warning_rejects_nothing(server: OtlpServer, committer: RecordingCommitter) -> None:
    answer = server.post("/v1/traces", ONE_SPAN_JSON.replace(b"traceId", b"trace_id"), JSON)
    assert set(answer.json()["partialSuccess"]) == {"errorMessage"}
    assert committer.rows == 1


# Compression


@pytest.mark.parametrize("coding", list(COMPRESS))
@pytest.mark.parametrize("body", [spans(1), sized(500_000)], ids=["small", "large"])
def test_compressed_bodies_are_read(
    server: OtlpServer, committer: RecordingCommitter, coding: str, body: bytes
) -> None:
    answer = server.post("/v1/traces", COMPRESS[coding](body), Content_Encoding=coding)
    assert answer.status_code == 200, answer.content
    assert committer.bodies == [body]


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, gzip", "identity, gzip", "zip"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_other_codings_are_not_supported(
    server: OtlpServer, committer: RecordingCommitter, coding: str, content_type: str
) -> None:
    answer = server.post("/v1/traces", spans(1), content_type, Content_Encoding=coding)
    assert answer.status_code == 415
    assert answer.headers["Accept-Encoding"] == "gzip, zstd, deflate, snappy, lz4, identity"
    assert answer.headers["Content-Type"] == content_type
    assert coding in status(answer).message
    assert not committer.commits


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "snappy", "lz4"])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize("fault", ["empty", "garbage", "cut off", "followed by garbage"])
def test_broken_compression_is_a_bad_request(
    server: OtlpServer, committer: RecordingCommitter, coding: str, content_type: str, fault: str
) -> None:
    whole = COMPRESS[coding](spans(1))
    body = {
        "empty": b"",
        "garbage": b"\x00garbage",
        "cut off": whole[:-3],
        "followed by garbage": whole + b"garbage",
    }[fault]
    answer = server.post("/v1/traces", body, content_type, Content_Encoding=coding)
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == content_type
    assert coding in status(answer).message
    assert not committer.commits


# Limits


@pytest.mark.parametrize(
    "coding", ["identity", "gzip", "deflate", "zstd", "snappy", "x-snappy-framed", "lz4"]
)
def test_the_limit_is_exact_and_holds_after_decompression(
    small_server: OtlpServer, committer: RecordingCommitter, coding: str
) -> None:
    most, more = sized(65_536), sized(65_537)
    fits = small_server.post("/v1/traces", COMPRESS[coding](most), Content_Encoding=coding)
    assert fits.status_code == 200
    answer = small_server.post("/v1/traces", COMPRESS[coding](more), Content_Encoding=coding)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == PROTOBUF
    found = status(answer)
    assert (found.code, list(found.details)) == (8, [])
    assert "larger than 65536 bytes" in found.message
    assert "Retry-After" not in answer.headers
    assert committer.bodies == [most]


def chunked(body: bytes) -> Iterator[bytes]:
    """A body whose length is not told in advance."""
    for at in range(0, len(body), 1000):
        yield body[at : at + 1000]


def test_the_limit_holds_for_bodies_of_unknown_length(
    small_server: OtlpServer, committer: RecordingCommitter
) -> None:
    most = sized(65_536)
    assert small_server.post("/v1/traces", chunked(most)).status_code == 200
    assert small_server.post("/v1/traces", chunked(sized(65_537))).status_code == 413
    assert committer.bodies == [most]


def test_a_client_that_sends_far_too_much_can_read_its_answer(small_server: OtlpServer) -> None:
    answer = small_server.post("/v1/traces", bytes(8_000_000))
    assert answer.status_code == 413
    assert small_server.post("/v1/traces", spans(1)).status_code == 200


def test_what_says_that_it_is_too_large_is_refused_unread(small_server: OtlpServer) -> None:
    (answer,) = raw(small_server, head("Content-Length: 65537"))
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_many_bombs_at_once_are_all_refused(
    small_server: OtlpServer, committer: RecordingCommitter, coding: str
) -> None:
    bomb = COMPRESS[coding](bytes(32 * MIB))
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(
            lambda _: small_server.post("/v1/traces", bomb, Content_Encoding=coding), range(40)
        )
        assert {answer.status_code for answer in answers} == {413}
    assert small_server.post("/v1/traces", spans(1)).status_code == 200


# Storage and overload


def test_storage_that_fails_is_retryable_and_keeps_nothing(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    committer.fault = StorageUnavailable("the disk is full: /data", retry_delay_s=3)
    for content_type, body in ((PROTOBUF, spans(1)), (JSON, ONE_SPAN_JSON)):
        answer = server.post("/v1/traces", body, content_type)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "3"
        found = status(answer)
        assert (found.code, found.message) == (14, "the disk is full: /data")
        delay = error_details_pb2.RetryInfo()
        assert found.details[0].Unpack(delay)
        assert delay.retry_delay.seconds == 3
    assert not committer.commits
    committer.fault = None
    assert server.post("/v1/traces", spans(1)).status_code == 200


def test_requests_beyond_what_may_be_in_flight_are_told_to_come_again(
    small_server: OtlpServer, committer: RecordingCommitter
) -> None:
    answers: queue.Queue[httpx.Response] = queue.Queue()

    def post() -> None:
        answers.put(small_server.post("/v1/traces", sized(65_536)))

    with committer.held():
        for _ in range(5):
            threading.Thread(target=post, daemon=True).start()
        refused = answers.get(timeout=TIMEOUT_S)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert status(refused).code == 14
    assert "receiver.max_in_flight_mib" in status(refused).message
    assert [answers.get(timeout=TIMEOUT_S).status_code for _ in range(4)] == [200] * 4
    assert len(committer.bodies) == 4


# Connections


def raw(server: OtlpServer, *parts: bytes) -> Iterator[bytes]:
    """Send the parts over one connection; what comes back after each."""
    host, _, port = server.http_address.rpartition(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as peer:
        for part in parts:
            peer.sendall(part)
            yield peer.recv(65_536)


def head(*lines: str) -> bytes:
    every = ["POST /v1/traces HTTP/1.1", "Host: x", f"Content-Type: {PROTOBUF}", *lines]
    return ("\r\n".join(every) + "\r\n\r\n").encode()


def test_a_client_that_asks_first_is_told_to_go_on(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    body = spans(1)
    asked = head(f"Content-Length: {len(body)}", "Expect: 100-continue")
    first, second = raw(server, asked, body)
    assert first.startswith(b"HTTP/1.1 100 ")
    assert second.startswith(b"HTTP/1.1 200 ")
    assert committer.bodies == [body]


def test_a_client_that_takes_too_long_is_told_to_come_again(
    server: OtlpServer, committer: RecordingCommitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otlp_receiver.http_app._READ_TIMEOUT_S", 0.05)
    (answer,) = raw(server, head("Content-Length: 1000") + spans(1))
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in answer.lower()
    assert not committer.commits


def test_a_client_that_goes_away_leaves_nothing_behind(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    host, _, port = server.http_address.rpartition(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as peer:
        peer.sendall(head("Content-Length: 1000") + spans(1))
    assert server.post("/v1/traces", spans(2)).status_code == 200
    assert committer.bodies == [spans(2)]


def test_a_connection_is_kept_after_an_error(server: OtlpServer) -> None:
    body = spans(1)
    request = head(f"Content-Length: {len(body)}") + body
    wrong = head("Content-Length: 1") + b"\xff"
    found = list(raw(server, wrong, request, wrong, request))
    assert [answer[:12] for answer in found] == [b"HTTP/1.1 400", b"HTTP/1.1 200"] * 2


def test_a_fault_of_ours_is_no_reason_to_send_again(
    server: OtlpServer, committer: RecordingCommitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> bytes:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("otlp_receiver.responses.success", fail)
    answer = server.post("/v1/traces", spans(1))
    assert answer.status_code == 500
    assert status(answer).code == 13
    assert "secret" not in status(answer).message
