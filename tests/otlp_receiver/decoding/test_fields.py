"""Every field of OTLP has a column: a new field of a new OTLP version is noticed here."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pytest
from support import otlp_fields
from support.batches import rows
from support.decoders import KEYS, decode, with_each_decoder

from goldeneye.decoded import Decoded, Decoder
from goldeneye.schemas import SIGNALS, TABLES, TABLES_OF_SIGNAL, Signal, table

# A message that shows only in what it holds: an absent one equals an empty one.
HOLDER: Final = "(holder)"
# A message that becomes a row, or that rows hang on.
ROW: Final = "(row)"
# Of the profiles signal alone: not kept elsewhere, and counted by a warning.
STRING_INDEX: Final = "(warning string_index)"
# Columns that are made from others.
DERIVED: Final = {
    "spans": {"duration_ns", "received_time", "service_name"},
    "logs": {"received_time", "service_name"},
    "metric_series": {"series_id", "series_check", "day", "type", "service_name"},
    "metric_points": {"series_id", "received_time"},
}

Places = Mapping[str, str]


def under(prefix: str, places: Places) -> dict[str, str]:
    """The places of a message's fields where the message is found at a path."""
    return {f"{prefix}.{path}": place for path, place in places.items()}


def any_value(column: str) -> dict[str, str]:
    """AnyValue, without what it holds by way of KeyValue."""
    kinds = ("string_value", "bool_value", "int_value", "double_value", "bytes_value")
    containers = ("array_value", "array_value.values", "kvlist_value", "kvlist_value.values")
    return dict.fromkeys((*kinds, *containers), column) | {"string_value_strindex": STRING_INDEX}


def key_values(path: str, column: str) -> dict[str, str]:
    """A list of KeyValue."""
    inside = {"key": column, "key_strindex": STRING_INDEX, "value": HOLDER}
    return {path: column, **under(path, inside), **under(f"{path}.value", any_value(column))}


RESOURCE: Final = {
    **key_values("attributes", "resource_attributes_other"),
    "dropped_attributes_count": "resource_dropped_attributes_count",
    **dict.fromkeys(
        (
            "entity_refs",
            "entity_refs.schema_url",
            "entity_refs.type",
            "entity_refs.id_keys",
            "entity_refs.description_keys",
        ),
        "resource_entity_refs",
    ),
}
SCOPE: Final = {
    "name": "scope_name",
    "version": "scope_version",
    **key_values("attributes", "scope_attributes"),
    "dropped_attributes_count": "scope_dropped_attributes_count",
}
SPAN: Final = {
    "trace_id": "trace_id",
    "span_id": "span_id",
    "trace_state": "trace_state",
    "parent_span_id": "parent_span_id",
    "flags": "flags",
    "name": "name",
    "kind": "kind",
    "start_time_unix_nano": "start_time start_time_unix_nano",
    "end_time_unix_nano": "end_time end_time_unix_nano",
    **key_values("attributes", "attributes_other"),
    "dropped_attributes_count": "dropped_attributes_count",
    "events": "events",
    "events.time_unix_nano": "events.time events.time_unix_nano",
    "events.name": "events.name",
    **key_values("events.attributes", "events.attributes"),
    "events.dropped_attributes_count": "events.dropped_attributes_count",
    "dropped_events_count": "dropped_events_count",
    "links": "links",
    "links.trace_id": "links.trace_id",
    "links.span_id": "links.span_id",
    "links.trace_state": "links.trace_state",
    **key_values("links.attributes", "links.attributes"),
    "links.dropped_attributes_count": "links.dropped_attributes_count",
    "links.flags": "links.flags",
    "dropped_links_count": "dropped_links_count",
    "status": HOLDER,
    "status.message": "status_message",
    "status.code": "status_code",
}
LOG_RECORD: Final = {
    "time_unix_nano": "time time_unix_nano",
    # Where the record has no time, it is the time.
    "observed_time_unix_nano": "time observed_time observed_time_unix_nano",
    "severity_number": "severity_number",
    "severity_text": "severity_text",
    "body": "body",
    **under("body", any_value("body body_text")),
    **under("body.kvlist_value.values", {"key": "body body_text", "key_strindex": STRING_INDEX}),
    "body.kvlist_value.values.value": HOLDER,
    **key_values("attributes", "attributes_other"),
    "dropped_attributes_count": "dropped_attributes_count",
    "flags": "flags",
    "trace_id": "trace_id",
    "span_id": "span_id",
    "event_name": "event_name",
}
EXEMPLARS: Final = {
    "exemplars": "exemplars",
    **key_values("exemplars.filtered_attributes", "exemplars.attributes"),
    "exemplars.time_unix_nano": "exemplars.time exemplars.time_unix_nano",
    "exemplars.as_double": "exemplars.value exemplars.value_int",
    "exemplars.as_int": "exemplars.value exemplars.value_int",
    "exemplars.span_id": "exemplars.span_id",
    "exemplars.trace_id": "exemplars.trace_id",
}
POINT: Final = {
    **key_values("attributes", "metric_series:attributes_other"),
    "start_time_unix_nano": "start_time start_time_unix_nano",
    "time_unix_nano": "time time_unix_nano",
    "flags": "flags",
}
NUMBER: Final = {
    **POINT,
    **EXEMPLARS,
    "as_double": "value value_int",
    "as_int": "value value_int",
}
HISTOGRAM: Final = {
    **POINT,
    **EXEMPLARS,
    "count": "count",
    "sum": "sum",
    "min": "min",
    "max": "max",
    "bucket_counts": "bucket_counts",
    "explicit_bounds": "explicit_bounds",
}
EXPONENTIAL_HISTOGRAM: Final = {
    **POINT,
    **EXEMPLARS,
    "count": "count",
    "sum": "sum",
    "min": "min",
    "max": "max",
    "scale": "scale",
    "zero_count": "zero_count",
    "zero_threshold": "zero_threshold",
    "positive": HOLDER,
    "positive.offset": "positive_offset",
    "positive.bucket_counts": "positive_bucket_counts",
    "negative": HOLDER,
    "negative.offset": "negative_offset",
    "negative.bucket_counts": "negative_bucket_counts",
}
SUMMARY: Final = {
    **POINT,
    "count": "count",
    "sum": "sum",
    "quantile_values": "quantiles",
    "quantile_values.quantile": "quantiles.quantile",
    "quantile_values.value": "quantiles.value",
}


def data(kind: str, points: Places, **more: str) -> dict[str, str]:
    """A member of Metric.data: only with a point does it show."""
    found = {"data_points": ROW, **under("data_points", points), **more}
    return {kind: ROW, **under(kind, found)}


TEMPORALITY: Final = "metric_series:temporality"
METRIC: Final = {
    "name": "metric_series:name metric_points:name",
    "description": "metric_series:description",
    "unit": "metric_series:unit",
    **data("gauge", NUMBER),
    **data(
        "sum",
        NUMBER,
        aggregation_temporality=TEMPORALITY,
        is_monotonic="metric_series:is_monotonic",
    ),
    **data("histogram", HISTOGRAM, aggregation_temporality=TEMPORALITY),
    **data("exponential_histogram", EXPONENTIAL_HISTOGRAM, aggregation_temporality=TEMPORALITY),
    **data("summary", SUMMARY),
    **key_values("metadata", "metric_series:metadata"),
}


def request(envelope: str, items: str, item: Places, shared: str = "") -> dict[str, str]:
    """A whole request: `shared` is the table that has the resource's and the scope's columns."""
    outer, scoped = f"resource_{envelope}", f"scope_{envelope}"
    resource = {"resource": HOLDER, **under("resource", _of(shared, RESOURCE))}
    scope = {"scope": HOLDER, **under("scope", _of(shared, SCOPE))}
    urls = _of(shared, {"resource": "resource_schema_url", "scope": "scope_schema_url"})
    inner = {**scope, "schema_url": urls["scope"], items: ROW, **under(items, item)}
    middle = {**resource, "schema_url": urls["resource"], scoped: ROW, **under(scoped, inner)}
    return {outer: ROW, **under(outer, middle)}


def _of(owner: str, places: Places) -> dict[str, str]:
    return {
        path: f"{owner}:{place}" if owner and not place.startswith("(") else place
        for path, place in places.items()
    }


PLACES: Final[Mapping[Signal, Places]] = {
    "traces": request("spans", "spans", SPAN),
    "metrics": request("metrics", "metrics", METRIC, "metric_series"),
    "logs": request("logs", "log_records", LOG_RECORD),
}


def columns(signal: Signal, place: str) -> list[tuple[str, str]]:
    """(table, column) of each that a place names; a part of a list's items is `column.part`."""
    if place.startswith("("):
        return []
    default = TABLES_OF_SIGNAL[signal][-1]
    named = [part.rpartition(":") for part in place.split()]
    return [(owner or default, column) for owner, _, column in named]


def all_columns(schema: pa.Schema) -> set[str]:
    """The columns that no promoted key has, and the parts of those that are lists of structs."""
    found = set()
    for column in schema:
        if column.name.startswith(("attributes.", "resource_attributes.")):
            continue
        found.add(column.name)
        if pa.types.is_list(column.type) and pa.types.is_struct(column.type.value_type):
            parts = column.type.value_type
            found |= {f"{column.name}.{parts.field(i).name}" for i in range(parts.num_fields)}
    return found


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_field_has_its_place(signal: Signal) -> None:
    fields = set(otlp_fields.paths(signal))
    named = set(PLACES[signal])
    assert not fields - named, "these fields of OTLP have no place"
    assert not named - fields, "these are no fields of OTLP"


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_the_place_of_a_field(name: str) -> None:
    there = all_columns(table(name, KEYS))
    named = {
        column
        for signal, places in PLACES.items()
        for place in places.values()
        for owner, column in columns(signal, place)
        if owner == name
    }
    assert not named - there, "these columns do not exist"
    assert not there - named - DERIVED[name], "nothing fills these columns"


@pytest.mark.parametrize("signal", SIGNALS)
@with_each_decoder
def test_every_field_reaches_its_place(decoder: Decoder, signal: Signal) -> None:
    fields = otlp_fields.paths(signal)
    assert len(fields) > 50
    wrong = [
        f"{path}: {fault}"
        for path, place in PLACES[signal].items()
        for fault in faults(decoder, signal, path, place)
    ]
    assert not wrong


def faults(decoder: Decoder, signal: Signal, path: str, place: str) -> list[str]:
    """What is wrong with where a field's value is found."""
    changed: set[tuple[str, str]] = set()
    for without, with_it in otlp_fields.pairs(signal, path):
        before, after = (decode(decoder, signal, "protobuf", [body]) for body in (without, with_it))
        warned = dict(after.results[0].warnings)
        if before.results[0].error or after.results[0].error or after.results[0].rejected:
            return ["the requests are refused"]
        if warned.get("string_index", 0) != (place == STRING_INDEX):
            return [f"warnings are {warned}"]
        if place == ROW:
            return [] if count(after) > count(before) else ["no row more"]
        changed |= changes(before, after)
    expected = set(columns(signal, place))
    return [f"{place} does not show it" for place in expected - changed] + [
        f"{owner}.{column} shows it"
        for owner, column in changed - expected
        if column not in DERIVED[owner]
    ]


def count(decoded: Decoded) -> int:
    return sum(batch.num_rows for batch in decoded.batches.values())


def changes(before: Decoded, after: Decoded) -> set[tuple[str, str]]:
    """The columns whose values differ: of lists, the parts, or the list where its length does."""
    found = set()
    for name, batch in before.batches.items():
        for one, other in zip(rows(batch), rows(after.batches[name]), strict=True):
            for column in one:
                found |= {(name, place) for place in differing(column, one[column], other[column])}
    return found


def differing(column: str, one: Any, other: Any) -> set[str]:
    if one == other:
        return set()
    is_structs = all(isinstance(value, list) for value in (one, other)) and len(one) == len(other)
    if not is_structs or not isinstance(one[0], dict):
        return {column}
    return {
        f"{column}.{part}"
        for a, b in zip(one, other, strict=True)
        for part in a
        if a[part] != b[part]
    }


@pytest.mark.parametrize("kind", ["gauge", "sum", "histogram", "exponential_histogram", "summary"])
@with_each_decoder
def test_the_type_is_the_member_of_data(decoder: Decoder, kind: str) -> None:
    ((_, body),) = otlp_fields.pairs("metrics", f"resource_metrics.scope_metrics.metrics.{kind}")
    (row,) = rows(decode(decoder, "metrics", "protobuf", [body]).batches["metric_series"])
    assert row["type"] == kind


@pytest.mark.parametrize("signal", SIGNALS)
@with_each_decoder
def test_an_absent_message_equals_an_empty_one(decoder: Decoder, signal: Signal) -> None:
    holders = [path for path, place in PLACES[signal].items() if place == HOLDER]
    assert holders
    for path in holders:
        ((without, with_it),) = otlp_fields.pairs(signal, path)
        assert without != with_it, path
        before, after = (decode(decoder, signal, "protobuf", [body]) for body in (without, with_it))
        assert count(before) == count(after)
        assert not changes(before, after), path
