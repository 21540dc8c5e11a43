"""The slow decoder: the opentelemetry-proto classes and Python loops.

It is the oracle of the native decoder's tests, and serves where that is not installed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from goldeneye.decoded import BodyResult, Decoded
from goldeneye.schemas import Encoding, PromotedKeys, Signal
from otlp_receiver.decoding import (
    exact,
    items,
    json_body,
    legacy,
    logs,
    metrics,
    parts,
    spans,
    wire,
)
from otlp_receiver.decoding.envelope import Body, Context, context
from otlp_receiver.decoding.rows import Rows, count_of
from otlp_receiver.decoding.values import BodyRefused, MessageReader
from otlp_receiver.decoding.wire import WireReader


@dataclass(frozen=True)
class _Kind:
    request: Any
    read: Callable[[Any, Context], None]


_KINDS: Final[Mapping[Signal, _Kind]] = {
    "traces": _Kind(ExportTraceServiceRequest, spans.read),
    "metrics": _Kind(ExportMetricsServiceRequest, metrics.read),
    "logs": _Kind(ExportLogsServiceRequest, logs.read),
}


class SlowDecoder:
    """See goldeneye.decoded.Decoder."""

    name = "slow"

    def __init__(self, promoted: PromotedKeys) -> None:
        self._promoted = promoted

    def items(self, signal: Signal, encoding: Encoding, body: bytes) -> int:
        return items.count(signal, encoding, body)

    def decode(
        self,
        signal: Signal,
        encoding: Encoding,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        group: dict[str, Rows] = {}
        results = []
        for raw, time_ns in zip(bodies, received_time_ns, strict=True):
            body = Body()
            try:
                self._read(signal, encoding, raw, body, time_ns)
            except BodyRefused as error:
                results.append(BodyResult(error=str(error)))
                continue
            results.append(_result(body))
            for table, rows in body.rows.items():
                group.setdefault(table, Rows(table, rows.names)).extend(rows)
        return self._decoded(group, results)

    def _read(
        self, signal: Signal, encoding: Encoding, raw: bytes, body: Body, time_ns: int
    ) -> None:
        kind = _KINDS[signal]
        reader: MessageReader | WireReader = MessageReader(body.warn)
        if encoding == "json":
            request = kind.request()
            json_body.parse(raw, request, body.warn)
        else:
            request = _parsed(kind.request, raw)
            if request is None:
                request, reader = _parsed_exactly(kind.request, raw), WireReader(body.warn)
            legacy.count(raw, request, body.warn)
        parts.check(signal, request)
        kind.read(request, context(reader, body, self._promoted, time_ns))

    def _decoded(self, group: dict[str, Rows], results: list[BodyResult]) -> Decoded:
        if "metric_series" in group:
            group["metric_series"], group["metric_points"] = metrics.with_ids(
                group["metric_series"], group["metric_points"]
            )
        filled = {table: rows for table, rows in group.items() if rows.rows}
        return Decoded(
            {table: rows.batch(self._promoted) for table, rows in filled.items()},
            results,
            {table: frozenset(rows.strays) for table, rows in filled.items() if rows.strays},
        )


def _result(body: Body) -> BodyResult:
    return BodyResult(
        body.accepted,
        count_of(body.rejected),
        count_of(body.warnings),
        first_rejected=body.first_rejected,
    )


def _parsed(request: Any, raw: bytes) -> Any | None:
    """The request as the generated class reads it; None where that is not exact enough."""
    try:
        message = request.FromString(raw)
    except DecodeError:
        return None
    size_bytes = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size_bytes:
        # Among the unknown may be known ones of a wrong wire type.
        wire.check(raw, request.DESCRIPTOR)
    return message


def _parsed_exactly(request: Any, raw: bytes) -> Any:
    wire.check(raw, request.DESCRIPTOR)
    message = exact.message_class(request.DESCRIPTOR)
    try:
        return message.FromString(wire.known(raw, message.DESCRIPTOR))
    except DecodeError as error:
        raise BodyRefused(f"the body is not protobuf: {error}") from None
