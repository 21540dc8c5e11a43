"""Log records made by hand."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from support.backend import add_attributes, dotted
from support.fake_decoder import START_NS

SECOND_NS = 10**9


def record(
    body: str | None = None,
    at_s: float = 0,
    severity: int = 9,
    text: str = "",
    trace: int | None = None,
    **attributes: Any,
) -> LogRecord:
    """A record `at_s` seconds after START_NS; `a__b` in a keyword stands for the key `a.b`."""
    made = LogRecord(severity_text=text)
    made.severity_number = severity  # type: ignore[assignment]
    made.time_unix_nano = START_NS + round(at_s * SECOND_NS)
    if body is not None:
        made.body.string_value = body
    if trace is not None:
        made.trace_id, made.span_id = bytes([trace] * 16), bytes([trace] * 8)
    add_attributes(made.attributes, dotted(attributes))
    return made


def logs_request(
    records: Sequence[LogRecord], service: str = "shop", **resource: Any
) -> ExportLogsServiceRequest:
    """One resource and scope with these records."""
    request = ExportLogsServiceRequest()
    envelope = request.resource_logs.add()
    add_attributes(envelope.resource.attributes, {"service.name": service} | dotted(resource))
    envelope.scope_logs.add().log_records.extend(records)
    return request
