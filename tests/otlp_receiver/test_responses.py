"""What a success looks like: empty where all is well, else exact counts and every reason."""

import json

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from support.requests import RESPONSES

from goldeneye.decoded import BodyResult
from goldeneye.limits import MAX_RESPONSE_BYTES, MAX_STATUS_MESSAGE_BYTES
from goldeneye.schemas import SIGNALS, Encoding, Signal
from otlp_receiver import responses
from otlp_receiver.reasons import REJECTIONS, WARNINGS

ENCODINGS: tuple[Encoding, ...] = ("protobuf", "json")
COUNTS: dict[Signal, str] = {
    "traces": "rejected_spans",
    "metrics": "rejected_data_points",
    "logs": "rejected_log_records",
}
each_signal = pytest.mark.parametrize("signal", SIGNALS)
each_encoding = pytest.mark.parametrize("encoding", ENCODINGS)


def parsed(signal: Signal, encoding: Encoding, result: BodyResult):  # type: ignore[no-untyped-def]
    """The response as the generated classes read it; unknown members are errors."""
    body = responses.success(signal, encoding, result)
    assert len(body) < MAX_RESPONSE_BYTES
    if encoding == "json":
        return json_format.Parse(body, RESPONSES[signal]())
    return RESPONSES[signal].FromString(body)


@each_signal
def test_a_full_success_is_empty(signal: Signal) -> None:
    assert responses.success(signal, "protobuf", BodyResult(5)) == b""
    assert responses.success(signal, "json", BodyResult(5)) == b"{}"


@each_signal
@each_encoding
@given(
    rejected=st.dictionaries(st.sampled_from(sorted(REJECTIONS)), st.integers(1, 2**40)),
    warnings=st.dictionaries(st.sampled_from(sorted(WARNINGS)), st.integers(1, 2**40)),
)
def test_counts_are_exact_and_every_reason_is_said(
    signal: Signal, encoding: Encoding, rejected: dict[str, int], warnings: dict[str, int]
) -> None:
    found = parsed(signal, encoding, BodyResult(1, rejected, warnings))
    assert found.HasField("partial_success") == bool(rejected or warnings)
    assert getattr(found.partial_success, COUNTS[signal]) == sum(rejected.values())
    message = found.partial_success.error_message
    assert len(message.encode()) <= MAX_STATUS_MESSAGE_BYTES
    if not message.endswith("…"):
        assert all(REJECTIONS[reason] in message for reason in rejected)
        assert all(WARNINGS[warning] in message for warning in warnings)


def test_the_message_tells_counts_reasons_and_warnings_in_this_order() -> None:
    result = BodyResult(1, {"zero_time": 2, "missing_value": 1}, {"legacy_metric": 3})
    assert parsed("metrics", "json", result).partial_success.error_message == (
        "1 data points rejected: a number data point needs as_int or as_double; "
        "2 data points rejected: time_unix_nano must be set; "
        "warning (3): metric types from before OTLP 0.9 are not read; update the sender"
    )


@each_signal
def test_json_has_the_count_as_a_string_and_none_for_a_warning_alone(signal: Signal) -> None:
    names = {"traces": "rejectedSpans", "metrics": "rejectedDataPoints"}
    rejected = json.loads(responses.success(signal, "json", BodyResult(0, {"zero_time": 7})))
    assert rejected["partialSuccess"][names.get(signal, "rejectedLogRecords")] == "7"
    warned = json.loads(responses.success(signal, "json", BodyResult(1, {}, {"snake_case": 1})))
    assert set(warned["partialSuccess"]) == {"errorMessage"}
