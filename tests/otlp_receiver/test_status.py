"""The one table from failures to statuses, and what their bodies say."""

import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.errors import (
    GoldeneyeError,
    InvalidRequest,
    RequestTooLarge,
    StorageUnavailable,
    Unavailable,
)
from goldeneye.limits import MAX_STATUS_MESSAGE_BYTES
from otlp_receiver.status import Failure, bounded, failure

# What the OTLP specification lets clients send again; code 8 only where a delay comes with it.
RETRYABLE_CODES = {1, 4, 10, 11, 14, 15}
RETRYABLE_HTTP = {429, 502, 503, 504}


@pytest.mark.parametrize(
    ("error", "code", "http_status", "is_retryable"),
    [
        (InvalidRequest("x"), 3, 400, False),
        (RequestTooLarge("x"), 8, 413, False),
        (Unavailable("x"), 14, 503, True),
        (StorageUnavailable("x"), 14, 503, True),
        (GoldeneyeError("x"), 13, 500, False),
        (RuntimeError("x"), 13, 500, False),
    ],
)
def test_each_failure_is_retryable_or_not_on_both_transports(
    error: Exception, code: int, http_status: int, is_retryable: bool
) -> None:
    found = failure(error)
    assert (found.code, found.http_status) == (code, http_status)
    assert (http_status in RETRYABLE_HTTP) is is_retryable
    has_delay = any(
        detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for detail in found.status().details
    )
    # A delay would make RESOURCE_EXHAUSTED retryable, too.
    assert has_delay is is_retryable
    assert (code in RETRYABLE_CODES) is is_retryable


def test_what_was_not_expected_tells_no_details() -> None:
    assert "secret" not in failure(RuntimeError("secret")).message


@pytest.mark.parametrize(
    ("message", "field", "description"),
    [
        ("spans[0].name: must be text", "spans[0].name", "must be text"),
        ("spans[0].name: is 2: another's?", "spans[0].name", "is 2: another's?"),
        ("the body is not JSON: it ends", "", "the body is not JSON: it ends"),
        ("a length exceeds what remains", "", "a length exceeds what remains"),
    ],
)
def test_a_bad_request_has_the_field_apart(message: str, field: str, description: str) -> None:
    found = error_details_pb2.BadRequest()
    assert failure(InvalidRequest(message)).status().details[0].Unpack(found)
    assert [(v.field, v.description) for v in found.field_violations] == [(field, description)]


def test_both_encodings_say_the_same() -> None:
    found = Failure(14, 503, "unavailable", "voll, später ☃", 2)
    binary = status_pb2.Status.FromString(found.body("protobuf"))
    assert json_format.Parse(found.body("json"), status_pb2.Status()) == binary
    assert binary.message == "voll, später ☃"


@pytest.mark.parametrize("length", [0, 1, MAX_STATUS_MESSAGE_BYTES])
def test_messages_that_fit_are_kept(length: int) -> None:
    assert bounded("x" * length) == "x" * length


@given(st.text(min_size=MAX_STATUS_MESSAGE_BYTES // 4, max_size=3 * MAX_STATUS_MESSAGE_BYTES))
def test_no_message_is_longer_and_what_is_cut_says_so(message: str) -> None:
    cut = bounded(message)
    assert len(cut.encode()) <= MAX_STATUS_MESSAGE_BYTES
    assert cut == message or (cut.endswith("…") and message.startswith(cut[:-1]))
    assert cut == message or len(cut.encode()) > MAX_STATUS_MESSAGE_BYTES - 4


def test_half_of_a_surrogate_pair_does_not_break_a_message() -> None:
    assert failure(InvalidRequest("no \ud800")).body("protobuf")
