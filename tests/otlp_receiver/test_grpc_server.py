"""OTLP over gRPC: services, messages, compression, limits, statuses and their details."""

import gzip
import itertools
import queue
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support import http2
from support.committer import RecordingCommitter
from support.otlp_server import TIMEOUT_S, OtlpServer, method
from support.requests import BODIES, RESPONSES, points, sized, spans

from goldeneye.errors import StorageUnavailable
from goldeneye.schemas import SIGNALS, Signal
from goldeneye.telemetry import REQUESTS

Code = grpc.StatusCode
_TRACES = method("traces")
# No service and no method of ours.
UNKNOWN = [
    "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
    "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
    "/opentelemetry.proto.experimental.arrow.v1.ArrowTracesService/ArrowTraces",
    "/grpc.health.v1.Health/Ask",
]


def refused(server: OtlpServer, signal: Signal, body: bytes, compression: Any = None) -> Any:
    """The error of an Export that must fail."""
    with pytest.raises(grpc.RpcError) as caught:
        server.export(signal, body, compression)
    return caught.value


def details(error: Any) -> status_pb2.Status:
    """The google.rpc.Status of an error's trailers; its code and message are the error's own."""
    found = status_pb2.Status.FromString(trailers(error)["grpc-status-details-bin"])
    assert found.code == error.code().value[0]
    assert found.message == error.details()
    return found


def trailers(error: Any) -> dict[str, Any]:
    return dict(error.trailing_metadata())


# Services


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_has_its_service(
    server: OtlpServer, committer: RecordingCommitter, signal: Signal
) -> None:
    assert server.export(signal, BODIES[signal](3)) == b""
    assert [group.signal for group in committer.groups] == [signal]
    assert committer.groups[0].decoded.results[0].accepted == 3


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_is_not_offered_is_unimplemented(server: OtlpServer, path: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        server.channel.unary_unary(path)(b"", timeout=TIMEOUT_S)
    assert caught.value.code() is Code.UNIMPLEMENTED


def test_what_is_not_offered_is_told_in_the_first_headers_and_counted(server: OtlpServer) -> None:
    labels = ("none", "grpc", "invalid")
    before = REQUESTS.labels(*labels)._value.get()
    answer = http2.call(server.grpc_address, UNKNOWN[0], b"", content_type="application/grpc")
    assert (answer.grpc_status, answer.trailers_only) == (12, True)
    assert REQUESTS.labels(*labels)._value.get() == before + 1


def test_an_answer_says_which_encodings_are_taken(server: OtlpServer) -> None:
    answer = http2.call(server.grpc_address, _TRACES, spans(1), content_type="application/grpc")
    assert answer.header(b"grpc-accept-encoding") == b"identity, gzip"


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto"])
def test_a_success_has_a_message_even_where_it_is_empty(
    server: OtlpServer, content_type: str
) -> None:
    answer = http2.call(server.grpc_address, _TRACES, spans(1), content_type=content_type)
    assert answer.grpc_status == 0
    assert answer.data == bytes(5)
    assert not answer.trailers_only


def test_an_error_comes_in_the_first_headers(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    """Where the Java exporter looks for whether to send again."""
    committer.fault = StorageUnavailable("the disk is full")
    for body, code in ((b"\xff", 3), (spans(1), 14)):
        answer = http2.call(server.grpc_address, _TRACES, body, content_type="application/grpc")
        assert answer.trailers_only
        assert answer.grpc_status == code


def test_many_calls_are_under_way_on_one_connection(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    with committer.held():
        call = server.call("traces")
        calls = [call.future(spans(count), timeout=TIMEOUT_S) for count in range(1, 201)]
        committer.await_commit()
        assert not any(call.done() for call in calls)
    assert {call.result() for call in calls} == {b""}
    assert sorted(committer.bodies) == sorted(spans(count) for count in range(1, 201))


@pytest.mark.parametrize(("messages", "said"), [([], "none"), ([spans(1)] * 2, "several")])
def test_an_export_has_one_message(
    server: OtlpServer, committer: RecordingCommitter, messages: list[bytes], said: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        server.channel.stream_unary(_TRACES)(iter(messages), timeout=TIMEOUT_S)
    assert caught.value.code() is Code.INVALID_ARGUMENT
    assert f"one message, not {said}" in caught.value.details()
    assert not committer.commits


def test_a_client_that_never_ends_its_messages_is_refused_at_the_second(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        server.channel.stream_unary(_TRACES)(itertools.repeat(spans(1)), timeout=TIMEOUT_S)
    assert caught.value.code() is Code.INVALID_ARGUMENT
    assert not committer.commits


def test_a_call_that_is_cancelled_is_kept_whole_or_not_at_all(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    with committer.held():
        call = server.call("traces").future(spans(5), timeout=TIMEOUT_S)
        committer.await_commit()
        call.cancel()
    assert server.export("traces", spans(1)) == b""
    assert committer.bodies == [spans(5), spans(1)]


def test_a_call_past_its_deadline_disturbs_no_other(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    with committer.held(), pytest.raises(grpc.RpcError) as caught:
        server.call("traces")(spans(1), timeout=0.2)
    assert caught.value.code() is Code.DEADLINE_EXCEEDED
    assert server.export("traces", spans(2)) == b""


def test_a_client_that_takes_too_long_is_told_to_come_again(
    server: OtlpServer, committer: RecordingCommitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otlp_receiver.grpc_server._READ_TIMEOUT_S", 0.05)
    ended = threading.Event()

    def messages() -> Iterator[bytes]:
        assert ended.wait(TIMEOUT_S)
        yield spans(1)

    try:
        with pytest.raises(grpc.RpcError) as caught:
            server.channel.stream_unary(_TRACES)(messages(), timeout=TIMEOUT_S)
    finally:
        ended.set()
    assert caught.value.code() is Code.UNAVAILABLE
    assert "google.rpc.retryinfo-bin" in trailers(caught.value)
    assert not committer.commits


# Bodies


@pytest.mark.parametrize("signal", SIGNALS)
def test_an_empty_request_is_a_success(
    server: OtlpServer, committer: RecordingCommitter, signal: Signal
) -> None:
    assert server.export(signal, b"") == b""
    assert not committer.commits


@pytest.mark.parametrize("body", [b"\xff", spans(1)[:-1], b"{}"])
def test_what_is_not_protobuf_is_an_invalid_argument(
    server: OtlpServer, committer: RecordingCommitter, body: bytes
) -> None:
    found = details(refused(server, "traces", body))
    assert found.code == 3
    assert found.details[0].Is(error_details_pb2.BadRequest.DESCRIPTOR)
    assert not committer.commits


def test_a_message_fits_the_header_whatever_the_request_held(server: OtlpServer) -> None:
    request = ExportTraceServiceRequest.FromString(spans(1))
    attributes = request.resource_spans[0].scope_spans[0].spans[0].attributes
    value = attributes.add(key="😀" * 5_000).value
    for _ in range(200):
        value = value.array_value.values.add()
    error = refused(server, "traces", request.SerializeToString())
    assert error.code() is Code.INVALID_ARGUMENT
    assert details(error).details


def test_another_signals_body_is_refused(server: OtlpServer, committer: RecordingCommitter) -> None:
    assert refused(server, "logs", points(1)).code() is Code.INVALID_ARGUMENT
    assert not committer.commits


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
    found = RESPONSES[signal].FromString(server.export(signal, body)).partial_success
    assert getattr(found, field) == count
    assert found.error_message.startswith(f"{count} ")
    assert committer.groups[0].decoded.results[0].accepted == 2


# Compression


@pytest.mark.parametrize("body", [spans(1), sized(500_000)], ids=["small", "large"])
def test_gzip_is_read(server: OtlpServer, committer: RecordingCommitter, body: bytes) -> None:
    assert server.export("traces", body, grpc.Compression.Gzip) == b""
    assert committer.bodies == [body]


def test_gzip_of_several_members_is_read_to_its_end(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    body = spans(3)
    message = gzip.compress(body[:40]) + gzip.compress(body[40:])
    assert (
        http2.call(
            server.grpc_address, _TRACES, message, encoding="gzip", content_type="application/grpc"
        ).grpc_status
        == 0
    )
    assert committer.bodies == [body]


@pytest.mark.parametrize(
    "message",
    [b"garbage", b"\x1f\x8bgarbage", gzip.compress(spans(1), mtime=0)[:-3], b"\x1f\x8b"],
)
def test_broken_gzip_is_an_invalid_argument(
    server: OtlpServer, committer: RecordingCommitter, message: bytes
) -> None:
    answer = http2.call(
        server.grpc_address, _TRACES, message, encoding="gzip", content_type="application/grpc"
    )
    assert answer.grpc_status == 3
    assert not committer.commits


def test_deflate_is_not_offered(server: OtlpServer, committer: RecordingCommitter) -> None:
    assert server.export("traces", spans(1)) == b""
    error = refused(server, "traces", sized(50_000), grpc.Compression.Deflate)
    assert error.code() is Code.UNIMPLEMENTED
    assert len(committer.bodies) == 1


@pytest.mark.parametrize("encoding", ["deflate", "zstd", "snappy", "unheard-of"])
def test_other_encodings_are_refused_for_good(
    server: OtlpServer, committer: RecordingCommitter, encoding: str
) -> None:
    """UNIMPLEMENTED for what the gRPC library knows, INTERNAL for what it does not."""
    answer = http2.call(
        server.grpc_address,
        _TRACES,
        zlib.compress(spans(1)),
        encoding=encoding,
        content_type="application/grpc",
    )
    assert answer.grpc_status == (12 if encoding == "deflate" else 13)
    assert not committer.commits


# Limits


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_the_limit_is_exact_and_holds_after_decompression(
    small_server: OtlpServer, committer: RecordingCommitter, compression: Any
) -> None:
    most = sized(65_536)
    assert small_server.export("traces", most, compression) == b""
    error = refused(small_server, "traces", sized(65_537), compression)
    assert error.code() is Code.RESOURCE_EXHAUSTED
    # A delay would mean: send it again.
    assert "google.rpc.retryinfo-bin" not in trailers(error)
    assert committer.bodies == [most]


def test_a_request_that_is_too_large_says_how_large_it_may_be(small_server: OtlpServer) -> None:
    error = refused(small_server, "traces", sized(65_537), grpc.Compression.Gzip)
    assert not details(error).details
    assert "larger than 65536 bytes" in error.details()


# Storage and overload


def test_storage_that_fails_is_unavailable_and_keeps_nothing(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    committer.fault = StorageUnavailable("the disk is full: /data", retry_delay_s=3)
    error = refused(server, "traces", spans(1))
    assert error.code() is Code.UNAVAILABLE
    assert error.details() == "the disk is full: /data"
    packed, plain = error_details_pb2.RetryInfo(), error_details_pb2.RetryInfo()
    assert details(error).details[0].Unpack(packed)
    # Where the Python exporter looks.
    plain.ParseFromString(trailers(error)["google.rpc.retryinfo-bin"])
    assert packed == plain
    assert packed.retry_delay.seconds == 3
    assert not committer.commits
    committer.fault = None
    assert server.export("traces", spans(1)) == b""


def test_requests_beyond_what_may_be_in_flight_are_told_to_come_again(
    small_server: OtlpServer, committer: RecordingCommitter
) -> None:
    ended: queue.Queue[Any] = queue.Queue()
    with committer.held():
        # 16 of them pass before any is read: a quarter of what is allowed is taken for each.
        for _ in range(20):
            call = small_server.call("traces").future(sized(65_536), timeout=TIMEOUT_S)
            call.add_done_callback(ended.put)
        error = ended.get(timeout=TIMEOUT_S)
    assert error.code() is Code.UNAVAILABLE
    assert "receiver.max_in_flight_mib" in error.details()
    assert "google.rpc.retryinfo-bin" in trailers(error)
    codes = [ended.get(timeout=TIMEOUT_S).code() for _ in range(19)]
    assert set(codes) <= {Code.OK, Code.UNAVAILABLE}
    assert len(committer.bodies) == codes.count(Code.OK) > 0


def test_both_transports_share_what_may_be_in_flight(
    small_server: OtlpServer, committer: RecordingCommitter
) -> None:
    """Four requests fit: of four over each transport, some do not."""
    ended: queue.Queue[Any] = queue.Queue()

    def post() -> None:
        ended.put(small_server.post("/v1/traces", sized(65_536)).status_code)

    with committer.held():
        for _ in range(4):
            threading.Thread(target=post, daemon=True).start()
            call = small_server.call("traces").future(sized(65_536), timeout=TIMEOUT_S)
            call.add_done_callback(lambda call: ended.put(call.code()))
        assert ended.get(timeout=TIMEOUT_S) in (503, Code.UNAVAILABLE)
    codes = [ended.get(timeout=TIMEOUT_S) for _ in range(7)]
    assert len(committer.bodies) == codes.count(200) + codes.count(Code.OK)
