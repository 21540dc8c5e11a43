"""The message of 2.0."""

import struct

import pytest
from support.remote_write import Symbols

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.proto.goldeneye.remote_write.v2 import write_pb2 as v2
from query.promql.remote_write.read_v2 import read_v2
from query.promql.remote_write.series import Metadata

# Symbols are field 4, series field 5; of a series labels are 1 (packed), samples 2, metadata 5.
BY_HAND = (
    b"\x22\x00\x22\x08__name__\x22\x01m\x22\x02hi\x22\x01s"
    b"\x2a\x1c"
    b"\x0a\x02\x01\x02"
    b"\x12\x0e\x09" + struct.pack("<d", 1.5) + b"\x10\xe8\x07\x18\x05"
    b"\x2a\x06\x08\x01\x18\x03\x20\x04"
)


def test_bytes_as_prometheus_sends_them() -> None:
    (found,) = read_v2(BY_HAND)
    assert found.labels == {"__name__": "m"}
    assert [(s.value, s.time_ms, s.start_ms) for s in found.samples] == [(1.5, 1000, 5)]
    assert found.metadata == Metadata("counter", "hi", "s")


def test_a_start_of_the_series_is_that_of_its_samples() -> None:
    symbols = Symbols()
    series = symbols.series(
        {"__name__": "m"}, [(1.0, 9)], created_timestamp=4, histograms=[v2.Histogram()]
    )
    series.samples.add(value=2.0, timestamp=10, start_timestamp=6)
    message = v2.Request(symbols=symbols.texts, timeseries=[series]).SerializeToString()
    (found,) = read_v2(message)
    assert [sample.start_ms for sample in found.samples] == [4, 6]
    assert [histogram.start_ms for histogram in found.histograms] == [4]


def test_exemplars_have_labels_of_the_table() -> None:
    symbols = Symbols()
    exemplar = v2.Exemplar(labels_refs=symbols.refs({"trace_id": "1"}), value=2.0, timestamp=3)
    series = symbols.series({"__name__": "m"}, exemplars=[exemplar])
    message = v2.Request(symbols=symbols.texts, timeseries=[series]).SerializeToString()
    (read,) = read_v2(message)[0].exemplars
    assert (read.labels, read.value, read.time_ms) == ({"trace_id": "1"}, 2.0, 3)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        (v2.TimeSeries(labels_refs=[1]), "invalid labelRefs length 1"),
        (v2.TimeSeries(labels_refs=[1, 9]), "symbol 9, but there are only 4 symbols"),
        (v2.TimeSeries(labels_refs=[1, 3]), "invalid metric name or labels"),
        (v2.TimeSeries(labels_refs=[1, 2], metadata=v2.Metadata(help_ref=9)), "symbol 9"),
        (v2.TimeSeries(labels_refs=[1, 2], metadata=v2.Metadata(unit_ref=3)), "unit is not valid"),
    ],
)
def test_wrong_references(series: v2.TimeSeries, said: str) -> None:
    symbols = [b"", b"__name__", b"m", b"\xff"]
    message = v2.Request(symbols=symbols, timeseries=[series]).SerializeToString()
    with pytest.raises(InvalidRequest, match=said):
        read_v2(message)


def test_a_message_of_the_other_version_holds_nothing() -> None:
    assert read_v2(b"\x0a\x00") == []


def test_what_is_no_message() -> None:
    with pytest.raises(InvalidRequest, match="proto: "):
        read_v2(b"\xff")
