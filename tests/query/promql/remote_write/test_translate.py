"""From a remote-write body through the decoder and the naming, back to the same series."""

import json
import math
import struct
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.decoders import DECODERS, decode
from support.remote_write import Symbols, body_v1, compressed, labels_v1, series_v1

from goldeneye.decoded import Decoder
from goldeneye.errors import InvalidRequest, RequestTooLarge
from query.promql.naming.exemplar_labels import exemplar_labels
from query.promql.naming.families import Part, series_names
from query.promql.naming.labels import untranslated_labels
from query.promql.naming.metric_kind import is_untranslated, kind_of, metadata_type
from query.promql.naming.strategy import Strategy
from query.promql.remote_write.media_type import Message
from query.promql.remote_write.proto.goldeneye.remote_write.v1 import write_pb2 as v1
from query.promql.remote_write.series import Metadata
from query.promql.remote_write.stale import STALE
from query.promql.remote_write.translate import Translated, to_otlp

MAX_BYTES = 1 << 20
TRACE = "0af7651916cd43dd8448eb211c80319c"
M = {"__name__": "m_total", "job": "shop/api", "instance": "h:1", "code": "200"}
HISTOGRAM: dict[str, Any] = {
    "count_int": 3,
    "sum": 2.5,
    "schema": 1,
    "positive_spans": [v1.BucketSpan(offset=1, length=2)],
    "positive_deltas": [1, 1],
    "timestamp": 2_000,
}
CUSTOM = HISTOGRAM | {"schema": -53, "custom_values": [1.0, 2.0]}
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)
LABELS = st.dictionaries(
    NAMES | st.sampled_from(["le", "_a", "a.b", "service.name", "http.method"]),
    st.text(st.characters(codec="utf-8"), max_size=4),
    max_size=4,
)
TARGETS = st.fixed_dictionaries({}, optional={"job": NAMES | st.just("a/b"), "instance": NAMES})
SERIES = st.builds(
    lambda labels, target, name: {**labels, **target, "__name__": name}, LABELS, TARGETS, NAMES
)
INT32 = st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3)
WHOLES = st.integers(0, 2**64 - 1) | st.integers(0, 5)
SPANS = st.lists(
    st.builds(v1.BucketSpan, offset=INT32, length=st.integers(0, 3) | st.integers(0, 2**32 - 1)),
    max_size=3,
)
DELTAS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 4), max_size=6)
FLOATS = st.lists(st.floats(), max_size=4)
HISTOGRAMS = st.builds(
    v1.Histogram,
    count_int=WHOLES,
    sum=st.floats(),
    schema=st.sampled_from([-53, -4, 0, 8]) | INT32,
    zero_count_int=WHOLES,
    positive_spans=SPANS,
    positive_deltas=DELTAS,
    positive_counts=st.just([]) | FLOATS,
    negative_spans=st.just([]) | SPANS,
    negative_deltas=st.just([]) | DELTAS,
    reset_hint=INT32,
    timestamp=st.just(1) | st.integers(-(2**63), 2**63 - 1),
    custom_values=FLOATS,
)
SAMPLES = st.lists(st.tuples(st.floats() | st.just(STALE), st.integers(1, 2**43)), max_size=3)


def _write(
    body: bytes, message: Message = Message.V1, known: dict[str, Metadata] | None = None
) -> Translated:
    return to_otlp(body, message, known or {}, MAX_BYTES)


def _attributes(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    columns = {
        k.removeprefix(f"{prefix}."): v for k, v in row.items() if k.startswith(f"{prefix}.")
    }
    told = {key: value for key, value in columns.items() if value is not None}
    return told | json.loads(row[f"{prefix}_other"] or "{}")


def _stored(translated: Translated, decoder: Decoder | None = None) -> list[dict[str, Any]]:
    """Each point, with `labels`, `kind` and `said` (its type) of its series."""
    decoder = decoder or DECODERS["slow"]
    decoded = decode(decoder, "metrics", "protobuf", [translated.body])
    (result,) = decoded.results
    assert (result.error, result.rejected_count) == (None, 0)
    if not decoded.batches:
        return []
    series = {row["series_id"]: row for row in decoded.batches["metric_series"].to_pylist()}
    return [
        point | _named(series[point["series_id"]])
        for point in decoded.batches["metric_points"].drop_columns(["received_time"]).to_pylist()
    ]


def _named(row: dict[str, Any]) -> dict[str, Any]:
    metadata = json.loads(row["metadata"])
    assert is_untranslated(metadata)
    resource = _attributes(row, "resource_attributes")
    if row["service_name"] is not None:
        resource["service.name"] = row["service_name"]
    kind = kind_of(row["type"], row["is_monotonic"], metadata)
    ((name, part),) = series_names(row["name"], row["unit"], kind, Strategy.NO_TRANSLATION).items()
    labels = untranslated_labels(_attributes(row, "attributes"), resource)
    said = metadata_type(kind, metadata)
    return {"labels": labels | {"__name__": name}, "kind": kind, "part": part, "said": said}


def _ms(time: datetime) -> int:
    return (time - datetime(1970, 1, 1)) // timedelta(milliseconds=1)


def _bits(value: float) -> bytes:
    return struct.pack("<d", value)


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS.keys())
def test_a_sample_comes_back(decoder: Decoder) -> None:
    translated = _write(body_v1([series_v1(M, [(1.5, 1_000)])]))
    (point,) = _stored(translated, decoder)
    assert point["labels"] == M
    assert (point["kind"], point["said"], point["part"]) == ("counter", "unknown", Part.VALUE)
    assert (point["value"], point["flags"]) == (1.5, 0)
    assert (translated.samples, translated.histograms, translated.exemplars) == (1, 0, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SERIES, SAMPLES), max_size=4), st.sampled_from(list(Message)))
def test_series_come_back_as_they_were(
    sent: list[tuple[dict[str, str], list[tuple[float, int]]]], message: Message
) -> None:
    symbols = Symbols()
    if message is Message.V1:
        body = body_v1([series_v1(labels, samples) for labels, samples in sent])
    else:
        body = symbols.body([symbols.series(labels, samples) for labels, samples in sent])
    translated = _write(body, message)
    found = [
        (
            sorted(point["labels"].items()),
            _ms(point["time"]),
            _bits(STALE if point["flags"] & 1 else point["value"]),
        )
        for point in _stored(translated)
    ]
    expected = [
        (sorted((k, v) for k, v in labels.items() if v), time_ms, _bits(value))
        for labels, samples in sent
        for value, time_ms in samples
    ]
    assert sorted(found) == sorted(expected)
    assert translated.samples == len(expected)


def test_types_help_and_units_of_2_0() -> None:
    symbols = Symbols()
    metadata = {"type": 2, "help_ref": symbols.ref("how much"), "unit_ref": symbols.ref("bytes")}
    series = symbols.series(M, [(1.0, 2_000)], metadata=metadata, created_timestamp=500)
    translated = _write(symbols.body([series]), Message.V2)
    (point,) = _stored(translated)
    assert (point["labels"], point["kind"], point["said"]) == (M, "gauge", "gauge")
    assert _ms(point["start_time"]) == 500
    decoded = decode(DECODERS["slow"], "metrics", "protobuf", [translated.body])
    (row,) = decoded.batches["metric_series"].to_pylist()
    assert (row["description"], row["unit"]) == ("how much", "bytes")


def test_descriptions_of_1_0_are_told_for_later() -> None:
    told = v1.MetricMetadata(type=1, metric_family_name=b"m", help=b"h", unit=b"u")
    translated = _write(body_v1([], metadata=[told]))
    assert translated.families == {"m": Metadata("counter", "h", "u")}
    assert _stored(translated) == []
    (point,) = _stored(
        _write(body_v1([series_v1({"__name__": "m"}, [(1.0, 1)])]), known=translated.families)  # type: ignore[arg-type]
    )
    assert point["said"] == "counter"


def test_native_histograms_come_back() -> None:
    translated = _write(body_v1([series_v1(M, histograms=[v1.Histogram(**HISTOGRAM)])]))
    (point,) = _stored(translated)
    assert (point["labels"], point["part"]) == (M, Part.HISTOGRAM)
    assert (point["count"], point["sum"], point["scale"]) == (3, 2.5, 1)
    assert (point["positive_offset"], point["positive_bucket_counts"]) == (0, [1, 2])
    assert (translated.samples, translated.histograms) == (0, 1)


def test_custom_buckets_come_back_as_a_native_histogram() -> None:
    (point,) = _stored(_write(body_v1([series_v1(M, histograms=[v1.Histogram(**CUSTOM)])])))
    assert (point["labels"], point["kind"]) == (M, "custom_histogram")
    assert (point["explicit_bounds"], point["bucket_counts"]) == ([1.0, 2.0], [0, 1, 2])


@pytest.mark.parametrize("sent", [HISTOGRAM, CUSTOM], ids=["exponential", "custom"])
def test_stale_histograms(sent: dict[str, Any]) -> None:
    stale = v1.Histogram(sum=STALE, schema=sent["schema"], timestamp=1)
    (point,) = _stored(_write(body_v1([series_v1(M, histograms=[stale])])))
    assert (point["flags"], point["sum"], point["part"]) == (1, None, Part.HISTOGRAM)


def test_hints_of_resets() -> None:
    gauge = v1.Histogram(**HISTOGRAM, reset_hint=3)
    anew = v1.Histogram(**HISTOGRAM, reset_hint=1)
    (point,) = _stored(_write(body_v1([series_v1(M, histograms=[gauge])])))
    assert (point["said"], point["start_time"]) == ("gaugehistogram", None)
    (point,) = _stored(_write(body_v1([series_v1(M, histograms=[anew])])))
    assert point["start_time"] == point["time"]


def test_float_histograms_with_parts_of_counts_are_left_out() -> None:
    parts = v1.Histogram(count_float=0.5, timestamp=1)
    translated = _write(body_v1([series_v1(M, [(1.0, 1)], histograms=[parts])]))
    assert (translated.samples, translated.histograms, translated.left_out) == (1, 0, 1)
    assert len(_stored(translated)) == 1


def _exemplar(time_ms: int) -> v1.Exemplar:
    labels = labels_v1({"trace_id": TRACE, "user": "u"})
    return v1.Exemplar(labels=labels, value=0.5, timestamp=time_ms)


def _exemplars(point: dict[str, Any]) -> list[tuple[dict[str, str], float, int]]:
    return [
        (
            exemplar_labels(one["trace_id"], one["span_id"], json.loads(one["attributes"] or "{}")),
            one["value"],
            _ms(one["time"]),
        )
        for one in point["exemplars"]
    ]


def test_exemplars_join_the_samples_of_their_series() -> None:
    sent = [series_v1(M, exemplars=[_exemplar(900)]), series_v1(M, [(1.0, 1_000), (STALE, 2_000)])]
    translated = _write(body_v1(sent))
    sample, stale = _stored(translated)
    assert _exemplars(sample) == [({"trace_id": TRACE, "user": "u"}, 0.5, 900)]
    assert stale["exemplars"] is None
    assert translated.exemplars == 1


def test_exemplars_without_a_sample_are_no_sample() -> None:
    translated = _write(body_v1([series_v1(M, exemplars=[_exemplar(900), _exemplar(901)])]))
    (point,) = _stored(translated)
    assert (point["labels"], point["part"], point["count"]) == (M, Part.EXEMPLARS, 0)
    assert [time_ms for _, _, time_ms in _exemplars(point)] == [900, 901]
    assert (translated.samples, translated.histograms, translated.exemplars) == (0, 0, 2)


def test_exemplars_without_a_time_need_a_sample() -> None:
    translated = _write(body_v1([series_v1(M, exemplars=[_exemplar(0)])]))
    assert (translated.exemplars, translated.left_out) == (0, 1)
    assert _stored(translated) == []


def test_their_points_are_another_series_than_custom_buckets() -> None:
    sent = [series_v1(M, exemplars=[_exemplar(900)])]
    carrier = _stored(_write(body_v1(sent)))[0]
    buckets = _stored(_write(body_v1([series_v1(M, histograms=[v1.Histogram(**CUSTOM)])])))[0]
    assert carrier["series_id"] != buckets["series_id"]


@pytest.mark.parametrize("time_ms", [0, -1, 2**63 - 1])
def test_times_out_of_bounds(time_ms: int) -> None:
    with pytest.raises(InvalidRequest, match=f"out of bounds: timestamp {time_ms}"):
        _write(body_v1([series_v1(M, [(1.0, time_ms)])]))


def test_one_wrong_series_refuses_all() -> None:
    sent = [series_v1(M, [(1.0, 1)]), series_v1({"a": "b"}, [(1.0, 1)])]
    with pytest.raises(InvalidRequest, match="invalid metric name"):
        _write(body_v1(sent))


def test_labels_said_once_are_not_stored_without_bound() -> None:
    symbols = Symbols()
    labels = M | {"long": "x" * 10_000}
    sent = [symbols.series(labels, [(1.0, time_ms)]) for time_ms in range(1, 200)]
    with pytest.raises(RequestTooLarge, match="labels exceed"):
        _write(symbols.body(sent), Message.V2)


def test_equal_series_are_one_metric() -> None:
    other = M | {"code": "500"}
    sent = [series_v1(M, [(1.0, 1)]), series_v1(other, [(math.nan, 1)]), series_v1(M, [(2.0, 2)])]
    points = _stored(_write(body_v1(sent)))
    assert [point["labels"]["code"] for point in points] == ["200", "200", "500"]


@settings(deadline=None)
@given(st.binary(), st.sampled_from(list(Message)))
def test_any_bytes_are_refused_or_decoded(message_bytes: bytes, message: Message) -> None:
    try:
        translated = _write(compressed(message_bytes), message)
    except InvalidRequest:
        return
    assert _stored(translated) is not None


@settings(max_examples=300, deadline=None)
@given(HISTOGRAMS)
def test_any_histogram_is_refused_or_stored_whole(histogram: v1.Histogram) -> None:
    try:
        translated = _write(body_v1([series_v1(M, histograms=[histogram])]))
    except InvalidRequest:
        return
    assert translated.histograms + translated.left_out == 1
    assert len(_stored(translated)) == translated.histograms


def test_an_empty_request_is_an_empty_request() -> None:
    assert _write(body_v1([])) == Translated()
