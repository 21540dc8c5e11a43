"""The message of remote write 2.0, whose texts stand in one table."""

from collections.abc import Iterator, Sequence

from google.protobuf.message import DecodeError

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.labels import (
    checked_labels,
    checked_text,
    exemplar_labels,
    lenient_text,
)
from query.promql.remote_write.proto.goldeneye.remote_write.v2 import write_pb2 as v2
from query.promql.remote_write.series import (
    TYPES,
    Exemplar,
    HistogramSample,
    Metadata,
    Sample,
    Series,
)

Symbols = Sequence[str]


def read_v2(message: bytes) -> list[Series]:
    """Raises InvalidRequest."""
    try:
        request = v2.Request.FromString(message)
    except DecodeError as error:
        raise InvalidRequest(f"proto: {error}") from None
    symbols = [lenient_text(symbol) for symbol in request.symbols]
    return [_series(sent, symbols) for sent in request.timeseries]


def _series(sent: v2.TimeSeries, symbols: Symbols) -> Series:
    created = sent.created_timestamp
    return Series(
        checked_labels(_pairs(sent.labels_refs, symbols)),
        _metadata(sent.metadata, symbols),
        [Sample(one.value, one.timestamp, one.start_timestamp or created) for one in sent.samples],
        [HistogramSample(one, one.start_timestamp or created) for one in sent.histograms],
        [
            Exemplar(exemplar_labels(_pairs(one.labels_refs, symbols)), one.value, one.timestamp)
            for one in sent.exemplars
        ],
    )


def _metadata(sent: v2.Metadata, symbols: Symbols) -> Metadata:
    return Metadata(
        type=TYPES[sent.type] if 0 <= sent.type < len(TYPES) else "unknown",
        help=checked_text(_symbol(sent.help_ref, symbols), "a help text") if sent.help_ref else "",
        unit=checked_text(_symbol(sent.unit_ref, symbols), "a unit") if sent.unit_ref else "",
    )


def _pairs(references: Sequence[int], symbols: Symbols) -> Iterator[tuple[str, str]]:
    if len(references) % 2:
        raise InvalidRequest(f"invalid labelRefs length {len(references)}")
    for name, value in zip(references[::2], references[1::2], strict=True):
        yield _symbol(name, symbols), _symbol(value, symbols)


def _symbol(reference: int, symbols: Symbols) -> str:
    if reference >= len(symbols):
        raise InvalidRequest(
            f"labelRefs point to symbol {reference}, but there are only {len(symbols)} symbols"
        )
    return symbols[reference]
