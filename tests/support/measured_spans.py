"""Spans of which a test says when, how long, and how many they stand for."""

from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.backend import add_attributes
from support.fake_decoder import START_NS

MINUTE_NS = 60 * 10**9
MS = 1_000_000
_ids = iter(range(1, 2**62))


def span(
    at_ns: int = START_NS,
    duration_ns: int = MS,
    name: str = "GET /",
    kind: str = "server",
    error: bool = False,
    root: bool = True,
    trace_state: str = "",
    **attributes: Any,
) -> Span:
    """`a__b` in a keyword stands for the attribute `a.b`."""
    number = next(_ids)
    made = Span(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=b"" if root else b"12345678",
        name=name,
        kind=Span.SpanKind.Value(f"SPAN_KIND_{kind.upper()}"),
        start_time_unix_nano=at_ns,
        end_time_unix_nano=at_ns + duration_ns,
        trace_state=trace_state,
    )
    if error:
        made.status.code = Status.STATUS_CODE_ERROR
    add_attributes(made.attributes, {key.replace("__", "."): v for key, v in attributes.items()})
    return made
