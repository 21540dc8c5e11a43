"""T: where implementations differ from the specification, and what was chosen; a test for each."""

import grpc
import pytest
from support.items import json_span, one_span, span, traces
from support.live import JSON, PROTOBUF, Live, status_of, trailers_of
from support.requests import sized

from goldeneye.config import Config

TRACES = "/v1/traces"
MIB = 2**20


def test_t01_a_body_that_is_too_large_is_413(small: Live) -> None:
    answer = small.post(TRACES, bytes(MIB + 1))
    assert (answer.status_code, status_of(answer).code) == (413, 8)


def test_t02_the_limit_is_64_mib_with_a_budget_beside_it() -> None:
    receiver = Config().receiver
    assert receiver.grpc.max_recv_msg_size_mib == receiver.http.max_request_body_size_mib == 64
    assert receiver.max_in_flight_mib >= 64


def test_t03_a_message_that_is_too_large_is_exhausted_for_good(small: Live) -> None:
    error = small.export_refused("traces", sized(MIB + 1, one_span()))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" not in trailers_of(error)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", TRACES, 405), ("POST", TRACES, 415), ("POST", "/nothing", 404)],
)
def test_t04_errors_before_the_encoding_is_known_are_json(
    live: Live, method: str, path: str, status: int
) -> None:
    answer = live.client.request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, JSON)
    assert answer.headers.get("Allow") == ("POST" if status == 405 else None)
    assert status_of(answer).message


def test_t05_partial_success_is_unset_on_success(live: Live) -> None:
    assert live.export("traces", one_span()) == b""
    live.accept(TRACES, one_span())
    live.accept(TRACES, json_span(), JSON)


def test_t06_snake_case_is_taken_with_a_warning(live: Live) -> None:
    body = json_span().replace(b"traceId", b"trace_id")
    assert "snake_case" in live.partial(TRACES, body, JSON).error_message
    assert live.count("spans") == 1


def test_t07_enum_names_are_taken_where_known(live: Live) -> None:
    assert live.partial(TRACES, json_span(kind="SPAN_KIND_SERVER"), JSON).rejected_spans == 0
    live.refuse(TRACES, json_span(kind="SPAN_KIND_NEW"), JSON)
    assert live.count("spans") == 1


@pytest.mark.parametrize("trace_id", [b"x" * 15, b"x" * 17])
def test_t08_a_trace_id_of_a_wrong_length_costs_its_span_alone(live: Live, trace_id: bytes) -> None:
    assert live.partial(TRACES, traces(span(), span(trace_id=trace_id))).rejected_spans == 1
    assert live.count("spans") == 1


@pytest.mark.parametrize("trace_id", [b"", bytes(16)])
def test_t09_a_trace_id_of_zeros_or_none_costs_its_span(live: Live, trace_id: bytes) -> None:
    assert live.partial(TRACES, one_span(trace_id=trace_id)).rejected_spans == 1


def test_t10_wrong_utf8_is_replaced_and_counted(live: Live) -> None:
    name = "goldeneye_receiver_warnings_total"
    before = live.metric(name, warning="invalid_utf8")
    body = one_span(name="ab").replace(b"ab", b"a\xff")
    assert "UTF-8" in live.partial(TRACES, body).error_message
    assert live.row("spans", "name") == {"name": "a\ufffd"}
    assert live.metric(name, warning="invalid_utf8") == before + 1


def test_t11_values_may_be_128_deep(live: Live) -> None:
    value: dict[str, object] = {"int_value": 1}
    for _ in range(128):
        value = {"array_value": {"values": [value]}}
    live.accept(TRACES, one_span(attributes=[{"key": "k", "value": value}]))
    deeper = {"array_value": {"values": [value]}}
    body = one_span(attributes=[{"key": "k", "value": deeper}])
    assert "128" in live.refuse(TRACES, body)


def test_t12_identity_is_taken(live: Live) -> None:
    live.accept(TRACES, one_span(), content_encoding="identity")


@pytest.mark.parametrize("path", ["/v1development/profiles", "/v1/profiles"])
def test_t13_profiles_have_no_path(live: Live, path: str) -> None:
    live.refuse(path, b"", status=404)


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_t14_bad_data_is_400_and_our_own_fault_500(
    live: Live, broken: Live, content_type: str
) -> None:
    live.refuse(TRACES, b"\xff", content_type)
    body = one_span() if content_type == PROTOBUF else json_span()
    broken.refuse(TRACES, body, content_type, status=500)
