"""Spans of a test that says who called whom: ids by name."""

import hashlib
from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.backend import add_attributes, dotted
from support.fake_decoder import START_NS

MS = 1_000_000


def id_of(name: str, length: int) -> bytes:
    """The id that a name stands for."""
    return hashlib.sha256(name.encode()).digest()[:length]


def span(
    kind: str,
    name: str,
    parent: str = "",
    trace: str = "t",
    at_ns: int = START_NS - 60_000 * MS,
    ms: int = 1,
    error: bool = False,
    links: Sequence[tuple[str, str]] = (),
    trace_state: str = "",
    **attributes: Any,
) -> Span:
    """`links` are names of traces and spans; `a__b` in a keyword is the attribute `a.b`."""
    made = Span(
        trace_id=id_of(trace, 16),
        span_id=id_of(name, 8),
        parent_span_id=id_of(parent, 8) if parent else b"",
        name=name,
        kind=Span.SpanKind.Value(f"SPAN_KIND_{kind.upper()}"),
        start_time_unix_nano=at_ns,
        end_time_unix_nano=at_ns + ms * MS,
        trace_state=trace_state,
    )
    if error:
        made.status.code = Status.STATUS_CODE_ERROR
    for linked_trace, linked_span in links:
        made.links.add(trace_id=id_of(linked_trace, 16), span_id=id_of(linked_span, 8))
    add_attributes(made.attributes, dotted(attributes))
    return made
