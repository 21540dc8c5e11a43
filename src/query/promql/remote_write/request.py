"""The OTLP request under construction: one metric for each resource, name and kind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ScopeMetrics,
)

from goldeneye.errors import InvalidRequest, RequestTooLarge
from query.promql.naming.labels import INSTANCE, JOB
from query.promql.naming.metric_kind import EXEMPLARS_KEY, TYPE_KEY, UNTRANSLATED_KEY, MetadataType
from query.promql.remote_write.exemplar_points import string_attributes
from query.promql.remote_write.forms import Form
from query.promql.remote_write.resources import resource_of
from query.promql.remote_write.series import METRIC_NAME, Metadata, Series

_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
# What is not an attribute of the points.
_ELSEWHERE: Final = frozenset({METRIC_NAME, JOB, INSTANCE})
_NS_PER_MS: Final = 1_000_000
_MAX_TIME_MS: Final = (2**63 - 1) // _NS_PER_MS
Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint
_Target = tuple[str | None, str | None]


@dataclass(slots=True)
class Request:
    """Texts that were sent once stand in every point: `max_bytes` bounds them all."""

    max_bytes: int
    message: ExportMetricsServiceRequest = field(default_factory=ExportMetricsServiceRequest)
    _scopes: dict[_Target, ScopeMetrics] = field(default_factory=dict)
    _metrics: dict[tuple[_Target, str, Form, Metadata, MetadataType], Metric] = field(
        default_factory=dict
    )

    _text_bytes: int = 0

    def place(self, point: Point, series: Series, time_ms: int, start_ms: int) -> None:
        """Give the point its times and labels. Raises InvalidRequest and RequestTooLarge."""
        if not 0 < time_ms <= _MAX_TIME_MS:
            raise InvalidRequest(f"out of bounds: timestamp {time_ms}")
        point.time_unix_nano = time_ms * _NS_PER_MS
        if 0 < start_ms <= time_ms:
            point.start_time_unix_nano = start_ms * _NS_PER_MS
        labels = [pair for pair in series.labels.items() if pair[0] not in _ELSEWHERE]
        self.hold(labels)
        point.attributes.extend(string_attributes(labels))

    def hold(self, texts: Iterable[tuple[str, str]]) -> None:
        """Count what is about to be part of the message. Raises RequestTooLarge."""
        self._text_bytes += sum(len(name) + len(value) for name, value in texts)
        if self._text_bytes > self.max_bytes:
            raise RequestTooLarge(f"the request's labels exceed {self.max_bytes} bytes")

    def metric(self, series: Series, form: Form, type_: MetadataType) -> Metric:
        """Where points of this series go."""
        target = (series.labels.get(JOB), series.labels.get(INSTANCE))
        name = series.labels[METRIC_NAME]
        key = (target, name, form, series.metadata, type_)
        metric = self._metrics.get(key)
        if metric is None:
            self.hold([(name, series.metadata.help), (series.metadata.unit, "")])
            metric = self._scope(target).metrics.add(
                name=name, description=series.metadata.help, unit=series.metadata.unit
            )
            _describe(metric, form, type_)
            self._metrics[key] = metric
        return metric

    def _scope(self, target: _Target) -> ScopeMetrics:
        scope = self._scopes.get(target)
        if scope is None:
            self.hold([(target[0] or "", target[1] or "")])
            resource = self.message.resource_metrics.add(resource=resource_of(*target))
            scope = self._scopes[target] = resource.scope_metrics.add()
        return scope


def _describe(metric: Metric, form: Form, type_: MetadataType) -> None:
    metric.metadata.extend(string_attributes([(TYPE_KEY, type_)]))
    metric.metadata.append(_true(UNTRANSLATED_KEY))
    match form:
        case Form.COUNTER:
            metric.sum.aggregation_temporality = _CUMULATIVE
            metric.sum.is_monotonic = True
        case Form.GAUGE:
            metric.gauge.SetInParent()
        case Form.EXPONENTIAL:
            metric.exponential_histogram.aggregation_temporality = _CUMULATIVE
        case Form.CUSTOM:
            metric.histogram.aggregation_temporality = _CUMULATIVE
        case Form.EXEMPLARS:
            # Another temporality than that of custom buckets makes it a series of its own.
            metric.histogram.aggregation_temporality = _DELTA
            metric.metadata.append(_true(EXEMPLARS_KEY))


def _true(key: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(bool_value=True))
