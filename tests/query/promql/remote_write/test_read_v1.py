"""The message of 1.0."""

import struct

import pytest
from support.remote_write import labels_v1, series_v1

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.proto.goldeneye.remote_write.v1 import write_pb2 as v1
from query.promql.remote_write.read_v1 import read_v1
from query.promql.remote_write.series import Metadata, Series

# A label is field 1 of a series, its name field 1 and its value field 2; a sample is field 2.
BY_HAND = (
    b"\x0a\x25"
    b"\x0a\x0d\x0a\x08__name__\x12\x01m"
    b"\x0a\x06\x0a\x01a\x12\x01b"
    b"\x12\x0c\x09" + struct.pack("<d", 1.5) + b"\x10\xe8\x07"
    b"\x1a\x0c\x08\x01\x12\x01m\x22\x02hi\x2a\x01s"
)


def _one(series: v1.TimeSeries, **more: object) -> Series:
    message = v1.WriteRequest(timeseries=[series], **more).SerializeToString()  # type: ignore[arg-type]
    ((found,), _) = read_v1(message, {})
    return found


def test_bytes_as_prometheus_sends_them() -> None:
    (found,), families = read_v1(BY_HAND, {})
    assert found.labels == {"__name__": "m", "a": "b"}
    assert [(s.value, s.time_ms, s.start_ms) for s in found.samples] == [(1.5, 1000, 0)]
    assert families == {"m": Metadata("counter", "hi", "s")}
    assert found.metadata == families["m"]


@pytest.mark.parametrize("name", ["f", "f_bucket", "f_sum", "f_count", "f_total", "f_info"])
def test_series_of_a_family_have_its_description(name: str) -> None:
    told = v1.MetricMetadata(type=3, metric_family_name=b"f", help=b"h")
    assert _one(series_v1({"__name__": name}), metadata=[told]).metadata.type == "histogram"
    assert _one(series_v1({"__name__": f"{name}x"}), metadata=[told]).metadata.type == "unknown"


def test_descriptions_of_former_messages_are_known() -> None:
    message = v1.WriteRequest(timeseries=[series_v1({"__name__": "f"})]).SerializeToString()
    (found,), told = read_v1(message, {"f": Metadata("gauge")})
    assert found.metadata.type == "gauge"
    assert told == {}


def test_unknown_types_are_unknown() -> None:
    told = v1.MetricMetadata(type=99, metric_family_name=b"f")
    assert _one(series_v1({"__name__": "f"}), metadata=[told]).metadata.type == "unknown"


def test_exemplars_and_histograms() -> None:
    exemplar = v1.Exemplar(labels=labels_v1({"trace_id": "1"}), value=2.0, timestamp=3)
    found = _one(
        series_v1({"__name__": "m"}, exemplars=[exemplar], histograms=[v1.Histogram(sum=1.0)])
    )
    (read,) = found.exemplars
    assert (read.labels, read.value, read.time_ms) == ({"trace_id": "1"}, 2.0, 3)
    assert found.histograms[0].wire.sum == 1.0


@pytest.mark.parametrize("message", [b"\xff", b"\x0a\x05ab", b"\x08"])
def test_what_is_no_message(message: bytes) -> None:
    with pytest.raises(InvalidRequest, match="proto: "):
        read_v1(message, {})


def test_a_description_that_is_not_utf8() -> None:
    told = v1.MetricMetadata(type=1, metric_family_name=b"f", help=b"\xff")
    with pytest.raises(InvalidRequest, match="description of a metric family is not valid UTF-8"):
        _one(series_v1({"__name__": "f"}), metadata=[told])
