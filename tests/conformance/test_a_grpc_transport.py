"""A: gRPC transport."""

import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from support.http2_connection import connected
from support.items import attribute, gauge, logs, metrics, one_span, point, span, traces
from support.live import Live, details_of, start, trailers_of
from support.otlp_server import TIMEOUT_S, method
from support.otlp_wire import sized as sized_field
from support.requests import sized

from goldeneye.config import Config
from goldeneye.schemas import SIGNALS

Code = grpc.StatusCode


def test_001_spans_are_taken(live: Live) -> None:
    assert live.export("traces", one_span(name="a call")) == b""
    assert live.row("spans", "name") == {"name": "a call"}


def test_002_metrics_are_taken(live: Live) -> None:
    assert live.export("metrics", metrics(gauge(point(as_int=7)))) == b""
    assert live.row("metrics", "name, value_int") == {"name": "gauge", "value_int": 7}


def test_003_log_records_are_taken(live: Live) -> None:
    assert live.export("logs", logs({"body": {"string_value": "hello"}})) == b""
    assert live.row("logs", "body_text") == {"body_text": "hello"}


@pytest.mark.parametrize("method_name", ["Export", "Other"])
def test_004_profiles_are_unimplemented(live: Live, method_name: str) -> None:
    service = "opentelemetry.proto.collector.profiles.v1development.ProfilesService"
    assert _code(live, f"/{service}/{method_name}") is Code.UNIMPLEMENTED


@pytest.mark.parametrize("path", ["/no.such.Service/Export", method("traces") + "s", "/x", "/"])
def test_005_what_is_not_offered_is_unimplemented(live: Live, path: str) -> None:
    assert _code(live, path) is Code.UNIMPLEMENTED


def _code(live: Live, path: str) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        live.channel.unary_unary(path)(b"", timeout=TIMEOUT_S)
    code: grpc.StatusCode = caught.value.code()
    return code


def test_006_the_address_is_the_usual_one_and_can_be_changed(live: Live, tmp_path: Path) -> None:
    assert Config().receiver.grpc.endpoint == "127.0.0.1:4317"
    # The server under test was given another.
    assert live.server.get("/api/v1/status")["listeners"]["grpc"] == live.server.grpc_endpoint


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto"])
def test_007_both_content_types_are_taken(live: Live, content_type: str) -> None:
    assert live.frames("traces", one_span(), content_type=content_type).grpc_status == 0
    assert live.count("spans") == 1


def test_008_a_success_has_a_message(live: Live) -> None:
    answer = live.frames("traces", one_span())
    assert (answer.grpc_status, answer.data) == (0, bytes(5))
    assert not answer.trailers_only


def test_009_an_error_comes_in_the_first_headers(live: Live, full: Live) -> None:
    for server, body, code in ((live, b"\xff", 3), (full, one_span(), 14)):
        answer = server.frames("traces", body)
        assert answer.grpc_status == code
        assert answer.trailers_only


def test_010_the_delay_is_in_both_places(full: Live) -> None:
    error = full.export_refused("traces", one_span())
    packed, plain = error_details_pb2.RetryInfo(), error_details_pb2.RetryInfo()
    assert details_of(error).details[0].Unpack(packed)
    plain.ParseFromString(trailers_of(error)["google.rpc.retryinfo-bin"])
    assert packed == plain
    assert packed.retry_delay.seconds > 0


def test_011_details_are_a_status(live: Live, full: Live) -> None:
    bad = details_of(live.export_refused("traces", b"\xff"))
    assert bad.details[0].Is(error_details_pb2.BadRequest.DESCRIPTOR)
    later = details_of(full.export_refused("traces", one_span()))
    assert later.details[0].Is(error_details_pb2.RetryInfo.DESCRIPTOR)


def test_012_a_message_is_short_and_percent_encoded(live: Live) -> None:
    """The key is in the error's message; the limit of a header list is 8 KiB, escapes included."""
    deep: dict[str, object] = {"int_value": 1}
    for _ in range(200):
        deep = {"array_value": {"values": [deep]}}
    body = one_span(attributes=[{"key": "ü😀\n" * 5_000, "value": deep}])
    error = live.export_refused("traces", body)
    assert error.code() is Code.INVALID_ARGUMENT
    assert len(error.details()) < 1024
    answer = live.frames("traces", body)
    assert answer.grpc_status == 3
    block = b"".join(answer.headers)
    assert len(block) < 8192
    assert b"%F0%9F%98%80" in block
    assert "😀".encode() not in block


def test_013_calls_on_one_connection_run_at_once(live: Live) -> None:
    """A call that has not sent its message holds up no other."""
    go_on = threading.Event()

    def late() -> Iterator[bytes]:
        assert go_on.wait(TIMEOUT_S)
        yield one_span(name="late")

    first = live.channel.stream_unary(method("traces")).future(late(), timeout=TIMEOUT_S)
    export = live.channel.unary_unary(method("traces"))
    others = [export.future(one_span(name="other"), timeout=TIMEOUT_S) for _ in range(50)]
    assert {other.result() for other in others} == {b""}
    assert not first.done()
    go_on.set()
    assert first.result() == b""
    assert [row["name"] for row in live.rows("spans", "name")] == ["other"] * 50 + ["late"]


def test_014_what_was_answered_can_be_queried(live: Live) -> None:
    for number in range(1, 6):
        live.export("traces", one_span())
        assert live.count("spans") == number


@pytest.mark.slow
def test_015_a_connection_carries_many_calls(live: Live, tmp_path: Path) -> None:
    with connected(live.server.grpc_endpoint) as connection:
        assert connection.max_concurrent_streams >= 100
    other = start(tmp_path, receiver__grpc__max_concurrent_streams="123")
    try:
        with connected(other.grpc_endpoint) as connection:
            assert connection.max_concurrent_streams == 123
    finally:
        other.stop()


def test_016_what_is_no_protobuf_is_an_invalid_argument(live: Live) -> None:
    for body in (b"\xff", one_span()[:-1], b"{}"):
        assert live.export_refused("traces", body).code() is Code.INVALID_ARGUMENT
    assert live.count("spans") == 0


def test_017_a_deadline_ends_one_call_alone(live: Live) -> None:
    ended = threading.Event()

    def never() -> Iterator[bytes]:
        ended.wait(TIMEOUT_S)
        yield from ()

    try:
        with pytest.raises(grpc.RpcError) as caught:
            live.channel.stream_unary(method("traces"))(never(), timeout=0.2)
    finally:
        ended.set()
    assert caught.value.code() is Code.DEADLINE_EXCEEDED
    assert live.export("traces", one_span()) == b""
    assert live.count("spans") == 1


def test_018_a_cancelled_call_leaves_nothing_in_part(small: Live) -> None:
    """More of them than the budget holds: it is given back."""
    body = traces(*(span(attributes=[attribute("k", string_value="v")]) for _ in range(5_000)))
    assert len(body) > 2**18
    for _ in range(20):
        call = small.channel.unary_unary(method("traces")).future(body, timeout=TIMEOUT_S)
        call.cancel()
    assert small.export("traces", sized(2**20, one_span())) == b""
    whole, rest = divmod(small.count("spans") - 1, 5_000)
    assert rest == 0
    assert whole <= 20


def test_019_health_is_served(live: Live) -> None:
    check = live.channel.unary_unary("/grpc.health.v1.Health/Check")
    service = method("traces").split("/")[1].encode()
    for request in (b"", sized_field(1, service)):
        # HealthCheckResponse: status (1) is SERVING (1).
        assert check(request, timeout=TIMEOUT_S) == b"\x08\x01"


def test_019_services_can_be_listed(live: Live) -> None:
    path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    # ServerReflectionRequest: list_services (7).
    requests = iter([sized_field(7, b"*")])
    (answer,) = live.channel.stream_stream(path)(requests, timeout=TIMEOUT_S)
    for signal in SIGNALS:
        assert method(signal).split("/")[1].encode() in answer
