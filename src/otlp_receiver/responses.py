"""What a success looks like: empty, or a partial success with exact counts and reasons."""

from typing import Final

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from goldeneye.decoded import BodyResult
from goldeneye.schemas import Encoding, Signal
from otlp_receiver import reasons

_EMPTY: Final[dict[Encoding, bytes]] = {"protobuf": b"", "json": b"{}"}
_JSON_COUNTS: Final[dict[Signal, str]] = {
    "traces": "rejectedSpans",
    "metrics": "rejectedDataPoints",
    "logs": "rejectedLogRecords",
}


def success(signal: Signal, encoding: Encoding, result: BodyResult) -> bytes:
    """The body of an Export response."""
    text = reasons.message(signal, result)
    if not text:
        return _EMPTY[encoding]
    if encoding == "protobuf":
        return _protobuf(signal, result.rejected_count, text)
    counts = {_JSON_COUNTS[signal]: str(result.rejected_count)} if result.rejected_count else {}
    return orjson.dumps({"partialSuccess": {**counts, "errorMessage": text}})


def _protobuf(signal: Signal, rejected: int, text: str) -> bytes:
    if signal == "traces":
        spans = ExportTraceServiceResponse()
        spans.partial_success.rejected_spans = rejected
        spans.partial_success.error_message = text
        return spans.SerializeToString()
    if signal == "metrics":
        points = ExportMetricsServiceResponse()
        points.partial_success.rejected_data_points = rejected
        points.partial_success.error_message = text
        return points.SerializeToString()
    records = ExportLogsServiceResponse()
    records.partial_success.rejected_log_records = rejected
    records.partial_success.error_message = text
    return records.SerializeToString()
