"""Log records, rule by rule: docs/decoding.md, section 4. Both decoders keep to each."""

from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from support import outcome
from support.decoders import RECEIVED_NS, with_each_decoder

from goldeneye.decoded import Decoder

pytestmark = with_each_decoder

MAX_TIME = 2**63 - 1


def of(decoder: Decoder, **fields: Any) -> outcome.Outcome:
    found = outcome.of(decoder, "logs", outcome.request("logs", LogRecord(**fields)))
    assert not found.rejected
    return found


def test_an_empty_record_is_null_where_nothing_was_said(decoder: Decoder) -> None:
    found = of(decoder)
    there = {name: value for name, value in found.row("logs").items() if value is not None}
    assert there == {
        "time": RECEIVED_NS,
        "received_time": RECEIVED_NS,
        "severity_number": 0,
        "dropped_attributes_count": 0,
        "flags": 0,
        "resource_dropped_attributes_count": 0,
        "scope_dropped_attributes_count": 0,
    }
    assert not found.warnings


@pytest.mark.parametrize(
    ("sent", "observed", "time", "observed_time", "raws"),
    [
        (5, 7, 5, 7, (None, None)),
        (0, 7, 7, 7, (None, None)),
        (5, 0, 5, None, (None, None)),
        (0, 0, RECEIVED_NS, None, (None, None)),
        (MAX_TIME, MAX_TIME, MAX_TIME, MAX_TIME, (None, None)),
        (MAX_TIME + 1, 7, 7, 7, (MAX_TIME + 1, None)),
        (0, MAX_TIME + 1, RECEIVED_NS, None, (None, MAX_TIME + 1)),
        (5, 2**64 - 1, 5, None, (None, 2**64 - 1)),
        (2**64 - 1, 2**64 - 1, RECEIVED_NS, None, (2**64 - 1, 2**64 - 1)),
    ],
)
def test_the_time_is_the_best_there_is(
    decoder: Decoder,
    sent: int,
    observed: int,
    time: int,
    observed_time: int | None,
    raws: tuple[int | None, int | None],
) -> None:
    row = of(decoder, time_unix_nano=sent, observed_time_unix_nano=observed).row("logs")
    assert (row["time"], row["observed_time"]) == (time, observed_time)
    assert (row["time_unix_nano"], row["observed_time_unix_nano"]) == raws


@pytest.mark.parametrize(
    ("trace_id", "span_id", "warnings"),
    [
        (b"", b"", {}),
        (bytes(16), bytes(8), {}),
        (b"\x01" * 15, b"", {"invalid_trace_id": 1}),
        (b"", b"\x01" * 9, {"invalid_span_id": 1}),
        (b"\x01", b"\x01", {"invalid_span_id": 1, "invalid_trace_id": 1}),
        (bytes(15), bytes(9), {"invalid_span_id": 1, "invalid_trace_id": 1}),
    ],
)
def test_wrong_ids_are_null_and_the_record_stays(
    decoder: Decoder, trace_id: bytes, span_id: bytes, warnings: dict[str, int]
) -> None:
    found = of(decoder, trace_id=trace_id, span_id=span_id)
    assert found.warnings == warnings
    row = found.row("logs")
    assert row["trace_id"] is row["span_id"] is None


def test_one_right_id_stays_beside_a_wrong_one(decoder: Decoder) -> None:
    row = of(decoder, trace_id=b"\xab" * 16, span_id=b"x").row("logs")
    assert (row["trace_id"], row["span_id"]) == ("ab" * 16, None)


@pytest.mark.parametrize("number", [1, 24, 25, -1, 2**31 - 1, -(2**31)])
def test_severities_are_kept_as_sent(decoder: Decoder, number: int) -> None:
    assert of(decoder, severity_number=number).row("logs")["severity_number"] == number


def test_flags_are_kept_whole(decoder: Decoder) -> None:
    assert of(decoder, flags=2**32 - 1).row("logs")["flags"] == 2**32 - 1
