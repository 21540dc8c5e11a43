"""The message of remote write 1.0."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from google.protobuf.message import DecodeError

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.labels import (
    checked_labels,
    checked_text,
    exemplar_labels,
    lenient_text,
)
from query.promql.remote_write.proto.goldeneye.remote_write.v1 import write_pb2 as v1
from query.promql.remote_write.series import (
    METRIC_NAME,
    TYPES,
    Exemplar,
    HistogramSample,
    Metadata,
    Sample,
    Series,
)

# What series of a family have behind its name.
_SUFFIXES: Final = ("_bucket", "_sum", "_count", "_total", "_info")
_UNKNOWN: Final = Metadata()

Families = Mapping[str, Metadata]


def read_v1(message: bytes, known: Families) -> tuple[list[Series], Families]:
    """The series, and the families that the message itself describes.

    Prometheus sends descriptions apart from samples: `known` are those of former messages.
    Raises InvalidRequest.
    """
    try:
        request = v1.WriteRequest.FromString(message)
    except DecodeError as error:
        raise InvalidRequest(f"proto: {error}") from None
    told = dict(_families(request))
    families = {**known, **told}
    return [_series(sent, families) for sent in request.timeseries], told


def _families(request: v1.WriteRequest) -> Iterator[tuple[str, Metadata]]:
    for sent in request.metadata:
        name = _text(sent.metric_family_name)
        yield (
            name,
            Metadata(
                type=TYPES[sent.type] if 0 <= sent.type < len(TYPES) else "unknown",
                help=_text(sent.help),
                unit=_text(sent.unit),
            ),
        )


def _series(sent: v1.TimeSeries, families: Families) -> Series:
    labels = checked_labels(_pairs(sent.labels))
    return Series(
        labels,
        _family(labels[METRIC_NAME], families),
        [Sample(sample.value, sample.timestamp, 0) for sample in sent.samples],
        [HistogramSample(histogram, 0) for histogram in sent.histograms],
        [_exemplar(exemplar) for exemplar in sent.exemplars],
    )


def _exemplar(sent: v1.Exemplar) -> Exemplar:
    return Exemplar(exemplar_labels(_pairs(sent.labels)), sent.value, sent.timestamp)


def _pairs(labels: Iterable[v1.Label]) -> Iterator[tuple[str, str]]:
    return ((lenient_text(label.name), lenient_text(label.value)) for label in labels)


def _text(text: bytes) -> str:
    return checked_text(lenient_text(text), "the description of a metric family")


def _family(name: str, families: Families) -> Metadata:
    if not families:
        return _UNKNOWN
    found = families.get(name)
    for suffix in _SUFFIXES:
        if found is None and name.endswith(suffix):
            found = families.get(name.removesuffix(suffix))
    return found or _UNKNOWN
