"""Metrics as a test says: points of one metric and service, with their times."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)
from support.backend import add_attributes, dotted

CUMULATIVE, DELTA = 2, 1


def metric_request(
    metric: Metric, service: str = "shop", **resource: str | int
) -> ExportMetricsServiceRequest:
    """`a__b` in a keyword stands for the resource attribute `a.b`."""
    request = ExportMetricsServiceRequest()
    envelope = request.resource_metrics.add()
    add_attributes(envelope.resource.attributes, {"service.name": service} | dotted(resource))
    envelope.scope_metrics.add().metrics.append(metric)
    return request


def gauge(name: str, points: Sequence[NumberDataPoint], unit: str = "1") -> Metric:
    metric = Metric(name=name, unit=unit, description=f"what {name} is")
    metric.gauge.data_points.extend(points)
    return metric


def counter(name: str, points: Sequence[NumberDataPoint], temporality: int = CUMULATIVE) -> Metric:
    metric = Metric(name=name, unit="1")
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = temporality  # type: ignore[assignment]
    metric.sum.data_points.extend(points)
    return metric


def histogram(
    name: str, points: Sequence[HistogramDataPoint], temporality: int = CUMULATIVE
) -> Metric:
    metric = Metric(name=name, unit="s")
    metric.histogram.aggregation_temporality = temporality  # type: ignore[assignment]
    metric.histogram.data_points.extend(points)
    return metric


def exponential(
    name: str, points: Sequence[ExponentialHistogramDataPoint], temporality: int = CUMULATIVE
) -> Metric:
    metric = Metric(name=name, unit="s")
    metric.exponential_histogram.aggregation_temporality = temporality  # type: ignore[assignment]
    metric.exponential_histogram.data_points.extend(points)
    return metric


def summary(name: str, points: Sequence[SummaryDataPoint]) -> Metric:
    metric = Metric(name=name)
    metric.summary.data_points.extend(points)
    return metric


def point(at_ns: int, value: float | int, **attributes: Any) -> NumberDataPoint:
    made = NumberDataPoint(time_unix_nano=at_ns)
    if isinstance(value, int):
        made.as_int = value
    else:
        made.as_double = value
    add_attributes(made.attributes, dotted(attributes))
    return made


def buckets(
    at_ns: int,
    counts: Sequence[int],
    bounds: Sequence[float],
    start_ns: int = 0,
    total: float = 0.0,
    **attributes: Any,
) -> HistogramDataPoint:
    """`total` is the sum of what was measured."""
    made = HistogramDataPoint(
        time_unix_nano=at_ns,
        start_time_unix_nano=start_ns,
        count=sum(counts),
        sum=total,
        bucket_counts=counts,
        explicit_bounds=bounds,
    )
    add_attributes(made.attributes, dotted(attributes))
    return made


def exponential_buckets(
    at_ns: int,
    scale: int,
    offset: int,
    counts: Sequence[int],
    start_ns: int = 0,
    zero_count: int = 0,
    negative: Sequence[int] = (),
) -> ExponentialHistogramDataPoint:
    """Negative buckets have the same offset."""
    made = ExponentialHistogramDataPoint(
        time_unix_nano=at_ns,
        start_time_unix_nano=start_ns,
        count=sum(counts) + sum(negative) + zero_count,
        scale=scale,
        zero_count=zero_count,
    )
    made.positive.offset = made.negative.offset = offset
    made.positive.bucket_counts.extend(counts)
    made.negative.bucket_counts.extend(negative)
    return made
