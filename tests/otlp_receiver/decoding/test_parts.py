"""Requests with as many parts as may be, and with one more."""

import json

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.decoders import with_each_decoder
from support.heavy_requests import message
from support.requests import spans

from goldeneye.decoded import BodyResult, Decoder
from goldeneye.limits import MAX_BODY_PARTS
from goldeneye.schemas import Encoding, Signal

REFUSAL = f"more than {MAX_BODY_PARTS} items"


def _decode(decoder: Decoder, signal: Signal, body: bytes, encoding: Encoding) -> BodyResult:
    return decoder.decode(signal, encoding, [body], [1]).results[0]


def _with_refs(count: int) -> bytes:
    """One span, in one scope, of a resource with so many empty entity references."""
    envelope = ExportTraceServiceRequest.FromString(spans(1)).resource_spans[0]
    resource = message(1, b"\x1a\x00" * count)
    return message(1, resource + message(2, envelope.scope_spans[0].SerializeToString()))


def _empty(signal_items: bytes, count: int) -> bytes:
    """So many empty items in one scope."""
    return message(1, message(2, signal_items * count))


def _events(count: int) -> bytes:
    request = ExportTraceServiceRequest.FromString(spans(1))
    span = request.resource_spans[0].scope_spans[0].spans[0].SerializeToString()
    return message(1, message(2, message(2, span + b"\x5a\x00" * count)))


def _points(count: int) -> bytes:
    """Of a gauge, none with a time."""
    gauge = message(5, message(1, b"") * count)
    body = message(1, message(2, message(2, gauge)))
    assert ExportMetricsServiceRequest.FromString(body).IsInitialized()
    return body


@with_each_decoder
def test_as_many_parts_as_may_be_are_read(decoder: Decoder) -> None:
    result = _decode(decoder, "traces", _with_refs(MAX_BODY_PARTS - 2), "protobuf")
    assert (result.accepted, result.error) == (1, None)


MORE: dict[str, tuple[Signal, bytes]] = {
    "entity references": ("traces", _with_refs(MAX_BODY_PARTS - 1)),
    "spans": ("traces", _empty(b"\x12\x00", MAX_BODY_PARTS)),
    "log records": ("logs", _empty(b"\x12\x00", MAX_BODY_PARTS)),
    "metrics": ("metrics", _empty(b"\x12\x00", MAX_BODY_PARTS)),
    "scopes": ("traces", message(1, b"\x12\x00" * (MAX_BODY_PARTS + 1))),
    "events": ("traces", _events(MAX_BODY_PARTS - 1)),
    "points": ("metrics", _points(MAX_BODY_PARTS - 1)),
    "scopes of many resources": ("logs", message(1, b"\x12\x00") * (MAX_BODY_PARTS + 1)),
}


@with_each_decoder
@pytest.mark.parametrize("what", MORE)
def test_one_more_is_refused(decoder: Decoder, what: str) -> None:
    result = _decode(decoder, *MORE[what], "protobuf")
    assert REFUSAL in (result.error or "")


@with_each_decoder
def test_in_json_too(decoder: Decoder) -> None:
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{}] * MAX_BODY_PARTS}]}]}
    result = _decode(decoder, "logs", json.dumps(logs).encode(), "json")
    assert REFUSAL in (result.error or "")
