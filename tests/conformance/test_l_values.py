"""L: resource, scope, attributes, values."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.items import (
    NOW_NS,
    TRACE_ID,
    attribute,
    gauge,
    logs,
    metrics,
    one_span,
    point,
    span,
    traces,
)
from support.live import Live
from support.otlp_wire import sized, tag, varint

TRACES, METRICS, LOGS = "/v1/traces", "/v1/metrics", "/v1/logs"
MOST = 2**32 - 1
KINDS: dict[str, tuple[dict[str, Any], Any]] = {
    "string": ({"string_value": "text"}, "text"),
    "bool": ({"bool_value": True}, True),
    "int": ({"int_value": -7}, -7),
    "double": ({"double_value": 0.5}, 0.5),
    "bytes": ({"bytes_value": b"\xff\xfe"}, {"$bytes": "//4="}),
    "array": ({"array_value": {"values": [{"int_value": 1}, {"string_value": "x"}]}}, [1, "x"]),
    "map": (
        {"kvlist_value": {"values": [{"key": "k", "value": {"bool_value": False}}]}},
        {"k": False},
    ),
    "empty": ({}, None),
}


def test_159_an_absent_resource_is_an_empty_one(live: Live) -> None:
    live.accept(TRACES, one_span())
    live.accept(TRACES, traces(span(), resource={}, scope={}))
    without, empty = live.rows("spans", "* EXCLUDE (received_time)")
    assert without == empty
    live.accept(METRICS, metrics(gauge(point(as_int=1))))
    live.accept(METRICS, metrics(gauge(point(as_int=1)), resource={}, scope={}))
    assert live.row("metric_points", "count(DISTINCT series_id) AS n") == {"n": 1}


def test_160_schema_urls_are_kept_at_both_levels(live: Live) -> None:
    scope_spans = {"spans": [span()], "schema_url": "https://scope"}
    resource_spans = {"scope_spans": [scope_spans], "schema_url": "https://resource"}
    request = ExportTraceServiceRequest(resource_spans=[resource_spans])
    live.accept(TRACES, request.SerializeToString())
    row = live.row("spans", "resource_schema_url AS r, scope_schema_url AS s")
    assert row == {"r": "https://resource", "s": "https://scope"}


def test_161_dropped_counts_are_kept(live: Live) -> None:
    dropped = {"dropped_attributes_count": MOST}
    link = {"trace_id": TRACE_ID, "span_id": b"8" * 8}
    found = span(events=[{"name": "e", **dropped}], links=[link | dropped], **dropped)
    live.accept(TRACES, traces(found, resource=dropped, scope=dropped))
    live.accept(LOGS, logs(dropped))
    name = "dropped_attributes_count"
    row = live.row(
        "spans",
        f"{name}, resource_{name}, scope_{name}, events[1].{name} AS e, links[1].{name} AS l",
    )
    assert list(row.values()) == [MOST] * 5
    assert live.row("logs", name) == {name: MOST}


def test_162_a_service_needs_no_name(live: Live) -> None:
    live.accept(
        TRACES, traces(span(), resource={"attributes": [attribute("host.name", string_value="h")]})
    )
    assert live.row("spans", "service_name") == {"service_name": None}


@pytest.mark.parametrize("kind", list(KINDS))
def test_163_every_kind_is_taken_everywhere(live: Live, kind: str) -> None:
    value, wanted = KINDS[kind]
    attributes = {"attributes": [{"key": "a", "value": value}]}
    link = {"trace_id": TRACE_ID, "span_id": b"8" * 8, **attributes}
    found = span(events=[{"name": "e", **attributes}], links=[link], **attributes)
    live.accept(TRACES, traces(found, resource=attributes, scope=attributes))
    columns = (
        "attributes_other, resource_attributes_other, scope_attributes, "
        "events[1].attributes AS e, links[1].attributes AS l"
    )
    live.accept(LOGS, logs({"body": value, **attributes}))
    exemplar = {
        "filtered_attributes": attributes["attributes"],
        "as_int": 1,
        "time_unix_nano": NOW_NS,
    }
    live.accept(METRICS, metrics(gauge(point(as_int=1, exemplars=[exemplar], **attributes))))
    texts = [
        *live.row("spans", columns).values(),
        *live.row("logs", "attributes_other").values(),
        *live.row("metrics", "attributes_other, exemplars[1].attributes AS e").values(),
    ]
    assert [json.loads(text) for text in texts] == [{"a": wanted}] * 8
    assert json.loads(live.row("logs", "body")["body"]) == wanted


def test_164_empty_values_are_told_apart(live: Live) -> None:
    empty: list[dict[str, Any]] = [
        {},
        {"string_value": ""},
        {"int_value": 0},
        {"double_value": 0.0},
        {"bool_value": False},
        {"array_value": {}},
        {"kvlist_value": {}},
        {"bytes_value": b""},
    ]
    live.accept(LOGS, logs({}, *({"body": value} for value in empty)))
    assert [row["body"] for row in live.rows("logs", "body")] == [
        None,
        "null",
        '""',
        "0",
        "0.0",
        "false",
        "[]",
        "{}",
        '{"$bytes":""}',
    ]


def test_165_empty_elements_keep_their_places(live: Live) -> None:
    values = [{}, {"int_value": 1}, {}, {"string_value": ""}, {}]
    live.accept(LOGS, logs({"body": {"array_value": {"values": values}}}))
    assert live.row("logs", "body") == {"body": '[null,1,null,"",null]'}


def test_166_keys_differ_in_case(live: Live) -> None:
    attributes = [attribute("Foo", int_value=1), attribute("foo", int_value=2)]
    live.accept(TRACES, one_span(attributes=attributes))
    assert live.row("spans", "attributes_other AS a") == {"a": '{"Foo":1,"foo":2}'}


@pytest.mark.parametrize("key", ["own", "http.route"])
def test_167_of_equal_keys_the_last_counts(live: Live, key: str) -> None:
    attributes = [attribute(key, string_value=text) for text in ("first", "second", "last")]
    live.accept(TRACES, one_span(attributes=attributes))
    assert live.row("spans", "attributes")["attributes"] == {key: "last"}


def test_168_the_empty_key_is_a_key(live: Live) -> None:
    live.accept(TRACES, one_span(attributes=[attribute("", int_value=1)]))
    assert live.row("spans", "attributes_other AS a") == {"a": '{"":1}'}


def test_169_string_indexes_are_read_as_absent(live: Live) -> None:
    index = tag(8, 0) + varint(3)
    by_value = sized(9, sized(1, b"a") + sized(2, index))
    by_key = sized(9, sized(2, sized(1, b"v")) + tag(3, 0) + varint(4))
    found = sized(1, TRACE_ID) + sized(2, b"8" * 8) + by_value + by_key
    answer = live.partial(TRACES, sized(1, sized(2, sized(2, found))))
    assert answer.rejected_spans == 0
    assert "string ind" in answer.error_message
    assert live.row("spans", "attributes_other AS a") == {"a": '{"a":null,"":"v"}'}


def test_170_entity_references_are_kept(live: Live) -> None:
    reference = {"type": "service", "id_keys": ["service.name", "absent"]}
    live.accept(TRACES, traces(span(), resource={"entity_refs": [reference]}))
    found = json.loads(live.row("spans", "resource_entity_refs AS r")["r"])
    assert [(one["type"], one["id_keys"]) for one in found] == [tuple(reference.values())]


def test_171_resources_may_be_many_and_the_same(live: Live) -> None:
    def resource_spans(service: str) -> dict[str, Any]:
        attributes = [attribute("service.name", string_value=service)]
        return {"resource": {"attributes": attributes}, "scope_spans": [{"spans": [span()]}]}

    services = ["a", "b", "a", "a", "c", "b"] * 20
    request = ExportTraceServiceRequest(resource_spans=map(resource_spans, services))
    live.accept(TRACES, request.SerializeToString())
    assert [row["service_name"] for row in live.rows("spans", "service_name")] == services


def test_172_values_as_text_are_json(live: Live) -> None:
    bodies = [
        {"string_value": "plain"},
        {"bytes_value": b"\xff\xfe"},
        {"double_value": float("nan")},
        {"double_value": float("-inf")},
        KINDS["array"][0],
        KINDS["map"][0],
    ]
    live.accept(LOGS, logs(*({"body": body} for body in bodies)))
    assert [row["body_text"] for row in live.rows("logs", "body_text")] == [
        "plain",
        '{"$bytes":"//4="}',
        '{"$double":"NaN"}',
        '{"$double":"-Infinity"}',
        '[1,"x"]',
        '{"k":false}',
    ]


@pytest.mark.parametrize("key", ["own", "http.response.status_code", "http.route"])
def test_173_a_key_may_have_several_types(live: Live, key: str) -> None:
    values: list[dict[str, Any]] = [
        {"int_value": 1},
        {"double_value": 1.5},
        {"string_value": "1"},
        {"bool_value": True},
    ]
    live.accept(TRACES, traces(*(span(attributes=[attribute(key, **value)]) for value in values)))
    found = [row["attributes"][key] for row in live.rows("spans", "attributes")]
    assert [repr(value) for value in found] == ["1", "1.5", "'1'", "True"]


def test_174_more_and_larger_attributes_than_sdks_allow(live: Live) -> None:
    attributes = [attribute(f"key.{number}", int_value=number) for number in range(1_000)]
    large = attribute("large", string_value="x" * 4_000_000)
    live.accept(TRACES, one_span(attributes=[*attributes, large]))
    columns = "length(attributes_other->>'large') AS size, attributes_other->>'key.999' AS last"
    assert live.row("spans", columns) == {"size": 4_000_000, "last": "999"}
