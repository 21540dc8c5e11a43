"""Remote write to OTLP: what goes in as a series comes out of the naming as the same series."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    DataPointFlags,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
)

from query.promql.remote_write.compression import uncompressed
from query.promql.remote_write.exemplar_points import otlp_exemplar
from query.promql.remote_write.forms import Form, form_of_floats
from query.promql.remote_write.histogram_points import fill_custom, fill_exponential, is_custom
from query.promql.remote_write.media_type import Message
from query.promql.remote_write.read_v1 import read_v1
from query.promql.remote_write.read_v2 import read_v2
from query.promql.remote_write.request import Point, Request
from query.promql.remote_write.series import HistogramSample, Metadata, Series
from query.promql.remote_write.stale import is_stale

_STALE_FLAGS: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
# How a histogram says that it may fall, and that it began anew.
_GAUGE_HINT: Final = 3
_RESET_HINT: Final = 1


@dataclass(slots=True)
class Translated:
    """An OTLP body, and what of the request is in it.

    The three counts are those of the response's `X-Prometheus-Remote-Write-*-Written`.
    """

    body: bytes = b""
    samples: int = 0
    histograms: int = 0
    exemplars: int = 0
    # Float histograms with parts of counts, and exemplars without a time or a sample.
    left_out: int = 0
    # What a 1.0 message told of families, for the messages after it.
    families: Mapping[str, Metadata] = field(default_factory=dict)


def to_otlp(
    body: bytes, message: Message, known: Mapping[str, Metadata], max_bytes: int
) -> Translated:
    """An ExportMetricsServiceRequest of all that a remote-write body holds.

    Raises RequestTooLarge, and InvalidRequest at the first thing wrong: then nothing is to be
    stored.
    """
    written = uncompressed(body, max_bytes)
    families: Mapping[str, Metadata] = {}
    if message is Message.V1:
        found, families = read_v1(written, known)
    else:
        found = read_v2(written)
    translated = of_series(_merged(found), max_bytes)
    translated.families = families
    return translated


def of_series(found: Iterable[Series], max_bytes: int) -> Translated:
    """As `to_otlp`, of series that were read or made."""
    request, translated = Request(max_bytes), Translated()
    for series in found:
        _add(series, request, translated)
    translated.body = request.message.SerializeToString()
    return translated


def _merged(found: Iterable[Series]) -> Iterable[Series]:
    """Prometheus sends exemplars apart from the samples that they belong to."""
    merged: dict[tuple[tuple[str, str], ...], Series] = {}
    for series in found:
        known = merged.setdefault(tuple(series.labels.items()), series)
        if known is not series:
            known.samples += series.samples
            known.histograms += series.histograms
            known.exemplars += series.exemplars
    return merged.values()


def _add(series: Series, request: Request, translated: Translated) -> None:
    points = _add_samples(series, request)
    translated.samples += len(points)
    for sample in series.histograms:
        point = _add_histogram(series, sample, request)
        if point is None:
            translated.left_out += 1
        else:
            points.append(point)
            translated.histograms += 1
    _add_exemplars(series, points, request, translated)


def _add_samples(series: Series, request: Request) -> list[Point]:
    if not series.samples:
        return []
    form = form_of_floats(series)
    metric = request.metric(series, form, series.metadata.type)
    target = metric.sum.data_points if form is Form.COUNTER else metric.gauge.data_points
    points: list[Point] = []
    for sample in series.samples:
        point = target.add()
        request.place(point, series, sample.time_ms, sample.start_ms)
        if is_stale(sample.value):
            point.flags = _STALE_FLAGS
        else:
            point.as_double = sample.value
        points.append(point)
    return points


def _add_histogram(series: Series, sample: HistogramSample, request: Request) -> Point | None:
    """None where OTLP cannot hold it."""
    wire = sample.wire
    stale, custom = is_stale(wire.sum), is_custom(wire)
    point = HistogramDataPoint() if custom else ExponentialHistogramDataPoint()
    if stale:
        point.flags = _STALE_FLAGS
    elif not _filled(point, sample):
        return None
    start_ms = sample.start_ms or (wire.timestamp if wire.reset_hint == _RESET_HINT else 0)
    request.place(point, series, wire.timestamp, start_ms)
    type_ = "gaugehistogram" if wire.reset_hint == _GAUGE_HINT else series.metadata.type
    metric = request.metric(series, Form.CUSTOM if custom else Form.EXPONENTIAL, type_)
    if isinstance(point, HistogramDataPoint):
        metric.histogram.data_points.append(point)
        return metric.histogram.data_points[-1]
    metric.exponential_histogram.data_points.append(point)
    return metric.exponential_histogram.data_points[-1]


def _filled(
    point: HistogramDataPoint | ExponentialHistogramDataPoint, sample: HistogramSample
) -> bool:
    if isinstance(point, HistogramDataPoint):
        return fill_custom(point, sample.wire)
    return fill_exponential(point, sample.wire)


def _add_exemplars(
    series: Series, points: list[Point], request: Request, translated: Translated
) -> None:
    """With the series' last sample; without one, with a point that is nothing else."""
    carriers = [point for point in points if not point.flags & _STALE_FLAGS]
    for exemplar in series.exemplars:
        if not carriers and exemplar.time_ms <= 0:
            translated.left_out += 1
            continue
        if not carriers:
            metric = request.metric(series, Form.EXEMPLARS, series.metadata.type)
            carriers = [metric.histogram.data_points.add()]
            request.place(carriers[0], series, exemplar.time_ms, 0)
        request.hold(exemplar.labels.items())
        carriers[-1].exemplars.append(otlp_exemplar(exemplar))
        translated.exemplars += 1
