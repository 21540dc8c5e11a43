"""The identity of a series, and where its row is: docs/decoding.md, section 5."""

from typing import Any

import pytest
import xxhash
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, NumberDataPoint
from support import outcome
from support.any_values import pair
from support.batches import rows
from support.decoders import decode, with_each_decoder

from goldeneye.decoded import Decoder
from otlp_receiver.decoding.series import SeriesIds, digest
from otlp_receiver.decoding.values import Map

DAY_NS = 86_400_000_000_000
TIME_NS = 20_000 * DAY_NS


def request(
    *times: int, kind: str = "gauge", name: str = "m", number: int = 1, **fields: Any
) -> Any:
    """A metric, one point a time."""
    points = [NumberDataPoint(time_unix_nano=time, as_int=number) for time in times or [TIME_NS]]
    metric = Metric(name=name, **fields)
    data = getattr(metric, kind)
    data.data_points.extend(points)
    if kind == "sum":
        data.aggregation_temporality = 2
    return outcome.request("metrics", metric)


def series_of(decoder: Decoder, *requests: Any) -> list[dict[str, Any]]:
    bodies = [one.SerializeToString() for one in requests]
    return rows(decode(decoder, "metrics", "protobuf", bodies).batches["metric_series"])


def ids_of(decoder: Decoder, *requests: Any) -> list[int]:
    bodies = [one.SerializeToString() for one in requests]
    return [
        row["series_id"]
        for row in rows(decode(decoder, "metrics", "protobuf", bodies).batches["metric_points"])
    ]


def add(pairs: Any, key: str, value: Any) -> None:
    pairs.add().MergeFromString(pair(key, value))


@with_each_decoder
def test_the_identity_is_as_documented(decoder: Decoder) -> None:
    """Computed here from the page alone."""
    sent = request(kind="sum", unit="s")
    envelope = sent.resource_metrics[0]
    scoped = envelope.scope_metrics[0]
    point = scoped.metrics[0].sum.data_points[0]
    scoped.metrics[0].sum.is_monotonic = True
    scoped.scope.name, scoped.scope.version = "lib", '1"'
    add(scoped.scope.attributes, "z", 1.0)
    add(scoped.scope.attributes, "a", None)
    add(envelope.resource.attributes, "service.name", "shop")
    add(envelope.resource.attributes, "b", Map({"z": 1, "a": b"x"}))
    add(envelope.resource.attributes, "b", Map({"z": 2, "a": b"x"}))
    for key in ("é", "😀", "\uffff", "z", ""):
        add(point.attributes, key, key)
    (row,) = series_of(decoder, sent)

    def hashed(*parts: str | bytes) -> bytes:
        encoded = [part.encode() if isinstance(part, str) else part for part in parts]
        return bytes(xxhash.xxh3_128(b"".join(encoded), seed=0).digest())

    identity = hashed(
        hashed('{"b":{"z":2,"a":{"$bytes":"eA=="}},"service.name":"shop"}'),
        hashed('["lib","1\\""]', '{"a":null,"z":1.0}'),
        hashed('["m","sum","s","cumulative","true"]'),
        '{"":"","z":"z","é":"é","\uffff":"\uffff","😀":"😀"}',
    )
    assert row["series_id"] == int.from_bytes(identity[8:], "big")
    assert row["series_check"] == int.from_bytes(identity[:8], "big")
    assert ids_of(decoder, sent) == [row["series_id"]]


@with_each_decoder
def test_nothing_else_is_part_of_the_identity(decoder: Decoder) -> None:
    other = request(TIME_NS + 5, number=7, description="another")
    envelope = other.resource_metrics[0]
    envelope.schema_url = envelope.scope_metrics[0].schema_url = "https://another"
    envelope.resource.dropped_attributes_count = 3
    envelope.resource.entity_refs.add(type="service")
    envelope.scope_metrics[0].scope.dropped_attributes_count = 4
    metric = envelope.scope_metrics[0].metrics[0]
    add(metric.metadata, "a", 1)
    metric.gauge.data_points[0].start_time_unix_nano = 9
    metric.gauge.data_points[0].flags = 2
    assert len(set(ids_of(decoder, request(), other))) == 1
    (row,) = series_of(decoder, request(), other)
    assert row["description"] is row["metadata"] is row["resource_schema_url"] is None
    (row,) = series_of(decoder, other, request())
    assert (row["description"], row["metadata"]) == ("another", '{"a":1}')
    assert row["resource_schema_url"] == row["scope_schema_url"] == "https://another"
    assert row["resource_dropped_attributes_count"] == 3
    assert row["scope_dropped_attributes_count"] == 4
    assert row["resource_entity_refs"] is not None


@with_each_decoder
def test_everything_that_is_part_of_it_tells_series_apart(decoder: Decoder) -> None:
    sent = [request(), request(name="n"), request(unit="s"), request(kind="sum"), request(name="")]
    for where in ("resource", "scope", "point"):
        for value in (1, 1.0, "1", True, None, [1], Map({}), Map({"a": 1, "b": 1})):
            one = request()
            envelope = one.resource_metrics[0]
            scoped = envelope.scope_metrics[0]
            places = {
                "resource": envelope.resource.attributes,
                "scope": scoped.scope.attributes,
                "point": scoped.metrics[0].gauge.data_points[0].attributes,
            }
            add(places[where], "a", value)
            sent.append(one)
    named, versioned = request(), request()
    named.resource_metrics[0].scope_metrics[0].scope.name = "1"
    versioned.resource_metrics[0].scope_metrics[0].scope.version = "1"
    sent += [named, versioned]
    assert len(set(ids_of(decoder, *sent))) == len(sent)


@with_each_decoder
def test_the_order_of_attributes_is_none_of_its(decoder: Decoder) -> None:
    one, other = request(), request()
    for sent, keys in ((one, "abc"), (other, "cab")):
        envelope = sent.resource_metrics[0]
        scoped = envelope.scope_metrics[0]
        point = scoped.metrics[0].gauge.data_points[0]
        for key in keys:
            for pairs in (envelope.resource.attributes, scoped.scope.attributes, point.attributes):
                add(pairs, key, key)
    assert len(set(ids_of(decoder, one, other))) == 1


@with_each_decoder
def test_a_series_has_one_row_a_day_in_order_of_appearance(decoder: Decoder) -> None:
    late = TIME_NS + DAY_NS - 1
    sent = [
        request(late, TIME_NS, name="b"),
        request(late, late + 1, 1, name="a"),
        request(2**63, 2**63 - 1, late + 2, name="b"),
    ]
    found = [(row["name"], str(row["day"])) for row in series_of(decoder, *sent)]
    assert found == [
        ("b", "2024-10-04"),
        ("a", "2024-10-04"),
        ("a", "2024-10-05"),
        ("a", "1970-01-01"),
        ("b", "2262-04-11"),
        ("b", "2024-10-05"),
    ]


@with_each_decoder
@pytest.mark.parametrize("flags", [0, 1])
def test_a_rejected_point_has_no_series(decoder: Decoder, flags: int) -> None:
    sent = request(0, TIME_NS)
    sent.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[0].flags = flags
    assert len(series_of(decoder, sent)) == 1


def test_identities_that_share_an_id_get_different_ones() -> None:
    ids, one = SeriesIds(), 5 << 64 | 7
    other = 6 << 64 | 7
    assert ids.of(one) == 7
    again = digest(other.to_bytes(16, "big"), b"\x01")
    assert ids.of(other) == int.from_bytes(again[8:], "big")
    assert (ids.of(one), ids.of(other)) == (7, ids.of(other))
    assert SeriesIds().of(other) == 7
