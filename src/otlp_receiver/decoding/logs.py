"""Log records become rows of `logs` (docs/decoding.md, section 4)."""

from typing import Any, Final

from otlp_receiver.decoding.canonical_json import encode
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

_NAMES: Final = (
    "time",
    "observed_time",
    "time_unix_nano",
    "observed_time_unix_nano",
    "severity_number",
    "severity_text",
    "body",
    "body_text",
    "attributes_other",
    "dropped_attributes_count",
    "trace_id",
    "span_id",
    "flags",
    "event_name",
    "received_time",
    *RESOURCE_NAMES,
    *SCOPE_NAMES,
)


def read(request: Any, ctx: Context) -> None:
    """All records of an ExportLogsServiceRequest."""
    rows = ctx.body.of("logs", _NAMES)
    for envelope in request.resource_logs:
        owner = resource(envelope, ctx)
        for scoped in envelope.scope_logs:
            columns = (ctx.received_time_ns, *owner.columns, *scope(scoped, ctx).columns)
            start = len(rows.rows)
            for record in scoped.log_records:
                _read_record(record, ctx, rows, owner, columns)
            rows.fill(start, owner.promoted)


def _read_record(
    record: Any, ctx: Context, rows: Rows, owner: Resource, shared: tuple[Any, ...]
) -> None:
    reader = ctx.reader
    time, raw_time = time_columns(record.time_unix_nano)
    observed_time, raw_observed_time = time_columns(record.observed_time_unix_nano)
    body, body_text = _body(record, reader)
    promoted, other = ctx.attributes.part(reader.attributes(record.attributes), rows.strays)
    row = (
        time or observed_time or ctx.received_time_ns,
        observed_time,
        raw_time,
        raw_observed_time,
        record.severity_number,
        reader.text(record.severity_text) or None,
        body,
        body_text,
        other,
        record.dropped_attributes_count,
        _id(record.trace_id, 16, "invalid_trace_id", ctx),
        _id(record.span_id, 8, "invalid_span_id", ctx),
        record.flags,
        reader.text(record.event_name) or None,
        *shared,
    )
    ctx.body.accepted += 1
    rows.strays |= owner.strays
    rows.add(row, promoted)
    check_time(record.time_unix_nano, ctx)


def _body(record: Any, reader: Any) -> tuple[str | None, str | None]:
    """The body as JSON, and as text for people."""
    if not reader.has_body(record):
        return None, None
    value = reader.value(record.body)
    body = encode(value)
    if value is None:
        return body, None
    return body, value if isinstance(value, str) else body


def _id(raw: bytes, size: int, warning: str, ctx: Context) -> str | None:
    if raw and len(raw) != size:
        ctx.body.warn(warning)
    return identifier(raw, size)
