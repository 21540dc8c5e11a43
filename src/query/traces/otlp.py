"""One trace as OTLP JSON: a TracesData of what was sent, grouped by resource and scope."""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, Final

import orjson
import pyarrow as pa

from query.analysis.json_object import Prefix
from query.traces.any_value import Json, key_values, scalar
from query.traces.attributes import columns, others, present
from query.traces.rows import compact, own_columns

# As the words of docs/decoding.md stand for them; other numbers are written as digits.
_KINDS: Final = {
    word: number
    for number, word in enumerate(
        ("unspecified", "internal", "server", "client", "producer", "consumer")
    )
}
_STATUS_CODES: Final = {"unset": 0, "ok": 1, "error": 2}
_RESOURCE: Final = (
    "resource_dropped_attributes_count",
    "resource_entity_refs",
    "resource_schema_url",
)
_SPAN: Final = (
    "trace_id",
    "span_id",
    "trace_state",
    "parent_span_id",
    "flags",
    "name",
    "kind",
    "start_time",
    "start_time_unix_nano",
    "end_time",
    "end_time_unix_nano",
    "dropped_attributes_count",
    "events",
    "dropped_events_count",
    "links",
    "dropped_links_count",
    "status_message",
    "status_code",
)
_SCOPE: Final = (
    "scope_name",
    "scope_version",
    "scope_attributes",
    "scope_dropped_attributes_count",
    "scope_schema_url",
)


def traces_data(spans: pa.Table) -> Json:
    """The spans, in the order of their rows within their scopes; members without value left out.

    The order of top-level attributes is not kept, nor which requests the spans came in.
    """
    stored = dict(zip(spans.column_names, spans.columns, strict=True))
    values = {
        name: _values(stored[name]) if name in stored else [None] * spans.num_rows
        for name in own_columns("spans")
    }
    own = _attributes(spans, "attributes")
    resource = _attributes(spans, "resource_attributes")
    found: dict[Any, tuple[int, dict[Any, list[int]]]] = {}
    for row in range(spans.num_rows):
        outer = (resource[row], *(values[name][row] for name in _RESOURCE))
        inner = tuple(values[name][row] for name in _SCOPE)
        found.setdefault(outer, (row, {}))[1].setdefault(inner, []).append(row)
    return {
        "resourceSpans": [
            _without_defaults(
                {
                    "resource": _resource(values, first, resource[first]),
                    "scopeSpans": [
                        _scope_spans(values, own, scope, rows) for scope, rows in scopes.items()
                    ],
                    "schemaUrl": values["resource_schema_url"][first],
                }
            )
            for first, scopes in found.values()
        ]
    }


def _values(column: pa.ChunkedArray) -> Sequence[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_list(column.type):
        column = column.cast(pa.list_(_with_numbers(column.type.value_type)))
    found: list[Any] = column.to_pylist()
    return found


def _with_numbers(kind: pa.StructType) -> pa.DataType:
    """Times as numbers, since Python's have no nanoseconds."""
    return pa.struct(
        [
            (field.name, pa.int64() if pa.types.is_timestamp(field.type) else field.type)
            for field in kind
        ]
    )


def _attributes(spans: pa.Table, prefix: Prefix) -> list[str]:
    """The members of each row's list, as text: large traces have millions of them."""
    found: list[list[str]] = [[] for _ in range(spans.num_rows)]
    for key, column in columns(spans, prefix):
        before = f'{{"key":{encode_basestring(key)},"value":'
        for row, value in present(column):
            found[row].append(f"{before}{orjson.dumps(scalar(value)).decode()}}}")
    for row, text in present(others(spans, prefix)):
        found[row] += (orjson.dumps(one).decode() for one in key_values(text))
    return [",".join(members) for members in found]


def _resource(values: Mapping[str, Sequence[Any]], row: int, attributes: str) -> Json:
    references = values["resource_entity_refs"][row]
    return _without_defaults(
        {
            "attributes": _list(attributes),
            "droppedAttributesCount": values["resource_dropped_attributes_count"][row],
            "entityRefs": [
                _without_defaults(
                    {
                        "schemaUrl": one["schema_url"],
                        "type": one["type"],
                        "idKeys": one["id_keys"],
                        "descriptionKeys": one["description_keys"],
                    }
                )
                for one in orjson.loads(references or "[]")
            ],
        }
    )


def _scope_spans(
    values: Mapping[str, Sequence[Any]],
    attributes: Sequence[str],
    scope: tuple[Any, ...],
    rows: Sequence[int],
) -> Json:
    name, version, text, dropped, schema_url = scope
    said = {
        "name": name,
        "version": version,
        "attributes": key_values(text),
        "droppedAttributesCount": dropped,
    }
    return _without_defaults(
        {
            "scope": _without_defaults(said),
            "spans": [
                # Encoded one by one, so that large traces do not take several times their answer.
                compact(_span(values, attributes[row], row))
                for row in rows
            ],
            "schemaUrl": schema_url,
        }
    )


def _span(values: Mapping[str, Sequence[Any]], attributes: str, row: int) -> Json:
    own = {name: values[name][row] for name in _SPAN}
    status = {
        "message": own["status_message"],
        "code": _number(own["status_code"], _STATUS_CODES),
    }
    return _without_defaults(
        {
            "traceId": own["trace_id"],
            "spanId": own["span_id"],
            "traceState": own["trace_state"],
            "parentSpanId": own["parent_span_id"],
            "flags": own["flags"],
            "name": own["name"],
            "kind": _number(own["kind"], _KINDS),
            "startTimeUnixNano": _time(own, "start_time"),
            "endTimeUnixNano": _time(own, "end_time"),
            "attributes": _list(attributes),
            "droppedAttributesCount": own["dropped_attributes_count"],
            "events": [_event(event) for event in own["events"] or ()],
            "droppedEventsCount": own["dropped_events_count"],
            "links": [_link(link) for link in own["links"] or ()],
            "droppedLinksCount": own["dropped_links_count"],
            "status": _without_defaults(status),
        }
    )


def _event(event: Mapping[str, Any]) -> Json:
    return _without_defaults(
        {
            "timeUnixNano": _time(event, "time"),
            "name": event["name"],
            "attributes": key_values(event["attributes"]),
            "droppedAttributesCount": event["dropped_attributes_count"],
        }
    )


def _link(link: Mapping[str, Any]) -> Json:
    return _without_defaults(
        {
            "traceId": link["trace_id"],
            "spanId": link["span_id"],
            "traceState": link["trace_state"],
            "attributes": key_values(link["attributes"]),
            "droppedAttributesCount": link["dropped_attributes_count"],
            "flags": link["flags"],
        }
    )


def _list(members: str) -> orjson.Fragment | None:
    return orjson.Fragment(f"[{members}]") if members else None


def _time(row: Mapping[str, Any], name: str) -> str | None:
    """The number sent, which is beside the time where no timestamp holds it."""
    time_ns = row[name]
    if time_ns is None:
        time_ns = row[f"{name}_unix_nano"]
    return None if time_ns is None else str(time_ns)


def _number(word: str, numbers: Mapping[str, int]) -> int:
    return numbers[word] if word in numbers else int(word)


def _without_defaults(members: Json) -> Json:
    """As protobuf leaves out what is zero or empty."""
    return {name: value for name, value in members.items() if value}
