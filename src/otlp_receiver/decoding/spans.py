"""Traces become rows of `spans` (docs/decoding.md, section 4)."""

from typing import Any, Final

from otlp_receiver.decoding.canonical_json import encode_attributes
from otlp_receiver.decoding.envelope import (
    RESOURCE_NAMES,
    SCOPE_NAMES,
    Context,
    Resource,
    identifier,
    resource,
    scope,
)
from otlp_receiver.decoding.rows import Rows, time_columns
from otlp_receiver.decoding.times import check_time

_KINDS: Final = dict(
    enumerate(("unspecified", "internal", "server", "client", "producer", "consumer"))
)
_STATUS_CODES: Final = {0: "unset", 1: "ok", 2: "error"}
_NAMES: Final = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "trace_state",
    "flags",
    "name",
    "kind",
    "start_time",
    "end_time",
    "start_time_unix_nano",
    "end_time_unix_nano",
    "duration_ns",
    "status_code",
    "status_message",
    "attributes_other",
    "dropped_attributes_count",
    "events",
    "dropped_events_count",
    "links",
    "dropped_links_count",
    "received_time",
    *RESOURCE_NAMES,
    *SCOPE_NAMES,
)


def read(request: Any, ctx: Context) -> None:
    """All spans of an ExportTraceServiceRequest."""
    rows = ctx.body.of("spans", _NAMES)
    for outer, envelope in enumerate(request.resource_spans):
        owner = resource(envelope, ctx)
        for middle, scoped in enumerate(envelope.scope_spans):
            columns = (ctx.received_time_ns, *owner.columns, *scope(scoped, ctx).columns)
            start = len(rows.rows)
            for inner, span in enumerate(scoped.spans):
                reason = _read_span(span, ctx, rows, owner, columns)
                if reason is not None:
                    place = f"resource_spans[{outer}].scope_spans[{middle}].spans[{inner}]"
                    ctx.body.reject(reason, place)
            rows.fill(start, owner.promoted)


def _read_span(
    span: Any, ctx: Context, rows: Rows, owner: Resource, shared: tuple[Any, ...]
) -> str | None:
    """Why the span is rejected; None where it is not."""
    reader, body = ctx.reader, ctx.body
    trace_id, span_id = identifier(span.trace_id, 16), identifier(span.span_id, 8)
    parent_span_id = identifier(span.parent_span_id, 8)
    # Everything is read even where the span is rejected: warnings and depth count all the same.
    strays: set[str] = set()
    promoted, other = ctx.attributes.part(reader.attributes(span.attributes), strays)
    start_time, raw_start_time = time_columns(span.start_time_unix_nano)
    end_time, raw_end_time = time_columns(span.end_time_unix_nano)
    row = (
        trace_id,
        span_id,
        parent_span_id,
        reader.text(span.trace_state) or None,
        span.flags,
        reader.text(span.name),
        _KINDS.get(span.kind) or str(span.kind),
        start_time,
        end_time,
        raw_start_time,
        raw_end_time,
        _duration_ns(start_time, end_time),
        _STATUS_CODES.get(span.status.code) or str(span.status.code),
        reader.text(span.status.message) or None,
        other,
        span.dropped_attributes_count,
        [_event(event, reader) for event in span.events] if span.events else (),
        span.dropped_events_count,
        _links(span.links, ctx) if span.links else (),
        span.dropped_links_count,
        *shared,
    )
    reason = _fault(trace_id, span_id, parent_span_id, span.parent_span_id)
    if reason is not None:
        return reason
    body.accepted += 1
    rows.strays |= strays | owner.strays
    rows.add(row, promoted)
    check_time(span.end_time_unix_nano or span.start_time_unix_nano, ctx)
    return None


def _fault(
    trace_id: str | None, span_id: str | None, parent_span_id: str | None, raw_parent: bytes
) -> str | None:
    if trace_id is None:
        return "invalid_trace_id"
    if span_id is None:
        return "invalid_span_id"
    if parent_span_id is None and any(raw_parent) and len(raw_parent) != 8:
        return "invalid_parent_span_id"
    return None


def _duration_ns(start_time: int | None, end_time: int | None) -> int | None:
    if start_time is None or end_time is None or end_time < start_time:
        return None
    return end_time - start_time


def _event(event: Any, reader: Any) -> dict[str, Any]:
    time, raw_time = time_columns(event.time_unix_nano)
    return {
        "time": time,
        "time_unix_nano": raw_time,
        "name": reader.text(event.name),
        "attributes": encode_attributes(reader.attributes(event.attributes)),
        "dropped_attributes_count": event.dropped_attributes_count,
    }


def _links(links: Any, ctx: Context) -> list[dict[str, Any]]:
    return [found for link in links if (found := _link(link, ctx)) is not None]


def _link(link: Any, ctx: Context) -> dict[str, Any] | None:
    reader = ctx.reader
    attributes = reader.attributes(link.attributes)
    trace_state = reader.text(link.trace_state)
    trace_id, span_id = identifier(link.trace_id, 16), identifier(link.span_id, 8)
    if trace_id is None or span_id is None:
        ctx.body.warn("invalid_link")
        return None
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        "trace_state": trace_state or None,
        "attributes": encode_attributes(attributes),
        "dropped_attributes_count": link.dropped_attributes_count,
        "flags": link.flags,
    }
