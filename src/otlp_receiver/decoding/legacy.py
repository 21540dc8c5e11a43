"""Metrics of OTLP before 0.9: their points are lost, which the sender should know."""

from collections.abc import Callable
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from otlp_receiver.decoding import wire

# Once int_gauge, int_sum, int_histogram.
_RESERVED: Final = frozenset({4, 6, 8})
_DATA: Final = frozenset(field.number for field in Metric.DESCRIPTOR.oneofs_by_name["data"].fields)
# The fields that lead from the request to a Metric.
_PATH: Final = (1, 2, 2)


def count(raw: bytes, request: Any, warn: Callable[[str], None]) -> None:
    """Warn once for each Metric that has no data but one of the reserved fields."""
    if request.DESCRIPTOR.name != "ExportMetricsServiceRequest" or not _has_empty(request):
        return
    for start, end in _metrics(raw):
        numbers = {number for number, _, _, _ in wire.fields(raw, start, end)}
        if numbers & _RESERVED and not numbers & _DATA:
            warn("legacy_metric")


def _has_empty(request: Any) -> bool:
    """Whether it is worth walking the wire once more."""
    return any(
        metric.WhichOneof("data") is None
        for envelope in request.resource_metrics
        for scoped in envelope.scope_metrics
        for metric in scoped.metrics
    )


def _metrics(raw: bytes) -> list[tuple[int, int]]:
    """Where each Metric begins and ends."""
    ranges = [(0, len(raw))]
    for wanted in _PATH:
        ranges = [
            (at, stop)
            for start, end in ranges
            for number, _, at, stop in wire.fields(raw, start, end)
            if number == wanted
        ]
    return ranges
