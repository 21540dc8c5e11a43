"""What rules write: samples go into the storage as remote write's do, without being a request."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

import structlog

from alerting.rules.recording import Recorded
from goldeneye.clock import Clock
from goldeneye.decoded import Committer, Decoder, Group
from goldeneye.errors import InvalidRequest
from goldeneye.limits import MAX_REQUEST_BODY_BYTES
from goldeneye.schemas import DEFAULT_TENANT
from goldeneye.telemetry import RECORDED_SAMPLES_LEFT_OUT
from query.promql.native.histogram import Histogram
from query.promql.remote_write.series import HistogramSample, Metadata, Sample, Series
from query.promql.remote_write.stale import STALE
from query.promql.remote_write.translate import Translated, of_series
from query.promql.remote_write.wire_histogram import wire_histogram

log = structlog.get_logger(__name__)
# Their labels are far below what a body may have.
_SAMPLES_A_BODY: Final = 2_000


class RecordedSamples:
    """Thread-safe. What clients send may be refused; these wait until there is room for them."""

    def __init__(self, decoder: Decoder, committer: Committer, clock: Clock) -> None:
        self._decoder = decoder
        self._committer = committer
        self._clock = clock

    def write(self, samples: Sequence[Recorded]) -> None:
        """Return once the samples are durable and visible to PromQL under exactly these labels.

        Those that OTLP cannot hold are left out and counted: histograms with parts of counts, as
        rates have them, or with negative ones. Raises StorageUnavailable with nothing kept.
        """
        bodies = [one.body for one in map(_translated, _parts(samples)) if one.body]
        if not bodies:
            return
        received_ns = [self._clock.now_ns()] * len(bodies)
        decoded = self._decoder.decode("metrics", "protobuf", bodies, received_ns)
        stored = sum(result.accepted for result in decoded.results)
        _left_out(len(samples) - stored)
        group = Group(DEFAULT_TENANT, "metrics", "protobuf", bodies, received_ns, decoded)
        self._committer.commit([group])


def _parts(samples: Iterable[Recorded]) -> Iterable[list[Recorded]]:
    rest = iter(samples)
    while part := list(islice(rest, _SAMPLES_A_BODY)):
        yield part


def _translated(samples: Sequence[Recorded]) -> Translated:
    try:
        return of_series(map(_series, samples), MAX_REQUEST_BODY_BYTES)
    except InvalidRequest:
        return of_series(map(_series, filter(_is_valid, samples)), MAX_REQUEST_BODY_BYTES)


def _is_valid(sample: Recorded) -> bool:
    try:
        of_series([_series(sample)], MAX_REQUEST_BODY_BYTES)
    except InvalidRequest as error:
        log.warning("a rule wrote what is no sample", labels=sample.labels, error=str(error))
        return False
    return True


def _series(sample: Recorded) -> Series:
    labels = {name: value for name, value in sorted(sample.labels) if value}
    series = Series(labels, Metadata())
    if isinstance(sample.histogram, Histogram):
        wire = wire_histogram(sample.histogram, sample.at_ms)
        series.histograms.append(HistogramSample(wire, 0))
    else:
        value = STALE if sample.value is None else sample.value
        series.samples.append(Sample(value, sample.at_ms, 0))
    return series


def _left_out(count: int) -> None:
    if count:
        RECORDED_SAMPLES_LEFT_OUT.inc(count)
        log.warning("samples of rules were left out: the log cannot hold them", samples=count)
