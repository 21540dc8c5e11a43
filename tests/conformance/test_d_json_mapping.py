"""D: the JSON mapping."""

import base64
import json
from typing import Any

import pytest
from support import edge_cases
from support.items import (
    HEX_IDS,
    NOW_NS,
    SPAN_ID,
    TRACE_ID,
    json_logs,
    json_points,
    json_span,
    json_traces,
)
from support.live import JSON, Live

TRACES, METRICS, LOGS = "/v1/traces", "/v1/metrics", "/v1/logs"


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_046_ids_are_hex_in_any_case(live: Live, change: Any) -> None:
    ids = {name: change(value) for name, value in HEX_IDS.items()}
    link = {"traceId": ids["traceId"], "spanId": ids["spanId"]}
    live.accept(TRACES, json_span(**ids, parentSpanId=ids["spanId"], links=[link]), JSON)
    row = live.row("spans", "trace_id, span_id, parent_span_id, links[1].trace_id AS linked")
    assert set(row.values()) == set(HEX_IDS.values())
    live.accept(LOGS, json_logs(ids), JSON)
    found = live.row("logs", "trace_id, span_id")
    assert list(found.values()) == list(HEX_IDS.values())


def test_047_base64_ids_are_not_decoded(live: Live) -> None:
    ids = {
        "traceId": base64.b64encode(TRACE_ID).decode(),
        "spanId": base64.b64encode(SPAN_ID).decode(),
    }
    assert live.partial(TRACES, json_span(**ids), JSON).rejected_spans == 1
    assert live.count("spans") == 0


@pytest.mark.parametrize("wrong", ["abc", "zz" * 16, "ab" * 15, "ab" * 17, " " * 32, "é" * 32])
def test_048_wrong_hex_is_an_error_of_its_item(live: Live, wrong: str) -> None:
    good = {**HEX_IDS, "name": "good", "endTimeUnixNano": str(NOW_NS)}
    body = json_traces({**good, "traceId": wrong}, good, {**good, "spanId": wrong})
    assert live.partial(TRACES, body, JSON).rejected_spans == 2
    assert live.row("spans", "name") == {"name": "good"}


def test_048_an_empty_id_is_absent(live: Live) -> None:
    live.accept(TRACES, json_span(parentSpanId=""), JSON)
    assert live.row("spans", "parent_span_id") == {"parent_span_id": None}


@pytest.mark.parametrize("text", ["++//", "--__", "+-/_", "/+8=", "_-8", "/+8"])
def test_050_bytes_are_base64_of_either_kind(live: Live, text: str) -> None:
    attribute = {"key": "k", "value": {"bytesValue": text}}
    live.accept(LOGS, json_logs({"body": {"bytesValue": text}, "attributes": [attribute]}), JSON)
    standard = text.replace("-", "+").replace("_", "/")
    standard += "=" * (-len(standard) % 4)
    row = live.row("logs", "body, attributes_other")
    assert json.loads(row["body"]) == {"$bytes": standard}
    assert json.loads(row["attributes_other"]) == {"k": {"$bytes": standard}}


def test_051_enums_are_integers_also_unknown_ones(live: Live) -> None:
    live.accept(TRACES, json_span(kind=3, status={"code": 2}), JSON)
    live.accept(TRACES, json_span(kind=77, status={"code": 88}), JSON)
    found = [tuple(row.values()) for row in live.rows("spans", "kind, status_code")]
    assert found == [("client", "error"), ("77", "88")]


def test_052_known_names_of_enums_are_taken_with_a_warning(live: Live) -> None:
    found = live.partial(TRACES, json_span(kind="SPAN_KIND_SERVER"), JSON)
    assert found.rejected_spans == 0
    assert "enum" in found.error_message
    assert live.row("spans", "kind") == {"kind": "server"}


@pytest.mark.parametrize("name", ["SERVER", "span_kind_server", "SPAN_KIND_OTHER", ""])
def test_052_unknown_names_of_enums_are_refused(live: Live, name: str) -> None:
    assert "kind" in live.refuse(TRACES, json_span(kind=name), JSON)
    assert live.count("spans") == 0


@pytest.mark.parametrize("value", [1, -1.5, "x", True, None, [], [[1, {}]], {"a": {"b": [None]}}])
def test_053_unknown_members_are_skipped(live: Live, value: Any) -> None:
    def sprinkled(found: Any) -> Any:
        if isinstance(found, dict):
            inner = {key: sprinkled(item) for key, item in found.items()}
            return {"unknown": value, **inner, "": value}
        return [sprinkled(item) for item in found] if isinstance(found, list) else found

    span = json_span(
        attributes=[{"key": "k", "value": {"kvlistValue": {"values": [{"key": "a"}]}}}],
        events=[{"name": "event"}],
        status={"code": 1},
    )
    live.accept(TRACES, json.dumps(sprinkled(json.loads(span))).encode(), JSON)
    row = live.row("spans", "name, status_code, attributes_other, events[1].name AS event")
    assert list(row.values()) == ["json", "ok", '{"k":{"a":null}}', "event"]


def test_054_names_are_lower_camel_case(live: Live) -> None:
    """Neither of these is a name, in either style."""
    ids = {"traceID": "00", "TraceId": "00", "trace-id": "00", "startTimeUnixnano": "x"}
    live.accept(TRACES, json_span(**ids), JSON)
    assert live.row("spans", "trace_id") == {"trace_id": HEX_IDS["traceId"]}


def test_055_snake_case_is_taken_with_a_warning(live: Live) -> None:
    span = {"trace_id": TRACE_ID.hex(), "span_id": SPAN_ID.hex(), "end_time_unix_nano": NOW_NS}
    span |= {"name": "snake", "attributes": [{"key": "k", "value": {"string_value": "v"}}]}
    body = {"resource_spans": [{"scope_spans": [{"spans": [span]}]}]}
    found = live.partial(TRACES, json.dumps(body).encode(), JSON)
    assert (found.rejected_spans, bool(found.error_message)) == (0, True)
    row = live.row("spans", "name, attributes_other")
    assert row == {"name": "snake", "attributes_other": '{"k":"v"}'}


def test_056_64_bit_integers_are_strings_or_numbers(live: Live) -> None:
    points = {"count": "6", "bucketCounts": ["1", 2, "3"], "explicitBounds": [1, "2.5"]}
    points |= {"startTimeUnixNano": NOW_NS - 5, "timeUnixNano": str(NOW_NS)}
    live.accept(METRICS, json_points("histogram", points, aggregationTemporality=1), JSON)
    live.accept(METRICS, json_points("gauge", {"asInt": 7}, {"asInt": "8"}), JSON)
    live.accept(METRICS, json_points("exponentialHistogram", _EXPONENTIAL, **_DELTA), JSON)
    columns = "type, count, bucket_counts, zero_count, value_int"
    assert [tuple(row.values()) for row in live.rows("metrics", columns, "type, value_int")] == [
        ("exponential_histogram", 5, None, 4, None),
        ("gauge", None, None, None, 7),
        ("gauge", None, None, None, 8),
        ("histogram", 6, [1, 2, 3], None, None),
    ]


_EXPONENTIAL = {"count": 5, "zeroCount": "4", "positive": {"offset": "1", "bucketCounts": [1]}}
_DELTA = {"aggregationTemporality": 1}


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63), -(2**53) - 1])
def test_057_numbers_are_exact(live: Live, number: int) -> None:
    live.accept(LOGS, json_logs({"body": {"intValue": number}}), JSON)
    assert live.row("logs", "body") == {"body": str(number)}
    live.accept(METRICS, json_points("gauge", {"asInt": number}), JSON)
    assert live.row("metrics", "value_int") == {"value_int": number}


def test_058_32_bit_integers_and_doubles_may_be_strings(live: Live) -> None:
    live.accept(TRACES, json_span(droppedAttributesCount="3", flags="257"), JSON)
    assert live.row("spans", "dropped_attributes_count AS dropped, flags") == {
        "dropped": 3,
        "flags": 257,
    }
    live.accept(METRICS, json_points("gauge", {"asDouble": "-1.5e3"}), JSON)
    assert live.row("metrics", "value") == {"value": -1500.0}


@pytest.mark.parametrize(
    "members",
    [
        {"droppedAttributesCount": -1},
        {"droppedEventsCount": 2**32},
        {"flags": "4294967296"},
        {"startTimeUnixNano": "-1"},
        {"endTimeUnixNano": 2**64},
        {"attributes": [{"key": "k", "value": {"intValue": 2**63}}]},
        {"kind": 1.5},
    ],
)
def test_059_numbers_out_of_range_are_refused(live: Live, members: dict[str, Any]) -> None:
    assert live.refuse(TRACES, json_span(**members), JSON)
    assert live.count("spans") == 0


def test_060_doubles_may_be_no_numbers(live: Live) -> None:
    texts = ["NaN", "Infinity", "-Infinity"]
    live.accept(METRICS, json_points("gauge", *({"asDouble": text} for text in texts)), JSON)
    assert [row["v"] for row in live.rows("metrics", "CAST(value AS VARCHAR) AS v")] == [
        "nan",
        "inf",
        "-inf",
    ]


@pytest.mark.parametrize("time", ["2026-01-01T00:00:00Z", "1.5", "now", True])
def test_061_timestamps_are_integers(live: Live, time: Any) -> None:
    assert "start_time_unix_nano" in live.refuse(TRACES, json_span(startTimeUnixNano=time), JSON)


def test_062_low_and_high_are_refused_clearly(live: Live) -> None:
    time = {"low": 1, "high": 2}
    assert "start_time_unix_nano" in live.refuse(TRACES, json_span(startTimeUnixNano=time), JSON)


def test_063_null_is_absent(live: Live) -> None:
    names = ("parentSpanId", "traceState", "kind", "status", "events", "links", "flags")
    attributes = [{"key": "k", "value": None}, {"key": None, "value": {"arrayValue": None}}]
    live.accept(TRACES, json_span(**dict.fromkeys(names), attributes=attributes), JSON)
    live.accept(TRACES, json_traces(resource=None, schemaUrl=None), JSON)
    live.accept(TRACES, b"null", JSON)
    live.accept(TRACES, b'{"resourceSpans":null}', JSON)
    assert live.row("spans", "attributes_other, kind") == {
        "attributes_other": '{"k":null,"":null}',
        "kind": "unspecified",
    }


@pytest.mark.parametrize("path", [TRACES, METRICS, LOGS])
def test_064_empty_requests(live: Live, path: str) -> None:
    live.accept(path, b"{}", JSON)
    live.accept(path, b"")
    live.refuse(path, b"", JSON)


@pytest.mark.parametrize(
    "body", [b"[]", b"1234", b'"x"', b"true", b"{}x", b"{}{}", b"{", b"{]", b"\xff{}", b"{'a':1}"]
)
def test_065_what_is_no_object_is_refused(live: Live, body: bytes) -> None:
    assert live.post(TRACES, body, JSON).headers["Content-Type"] == JSON
    assert live.refuse(TRACES, body, JSON)


def test_066_64_deep_fits_and_too_deep_is_refused(live: Live) -> None:
    def nested(depth: int) -> bytes:
        value: dict[str, Any] = {"stringValue": "x"}
        for _ in range(depth):
            value = {"kvlistValue": {"values": [{"key": "k", "value": value}]}}
        return json_span(attributes=[{"key": "deep", "value": value}])

    live.accept(TRACES, nested(64), JSON)
    found = live.row("spans", "attributes_other")["attributes_other"]
    assert found == '{"deep":' + '{"k":' * 64 + '"x"' + "}" * 65
    assert "nested" in live.refuse(TRACES, nested(200), JSON)
    live.refuse(TRACES, b"[" * 1_000_000, JSON)
    live.accept(TRACES, nested(1), JSON)


def test_067_odd_texts_have_fixed_answers(live: Live) -> None:
    live.accept(TRACES, edge_cases.body("40_utf8_bom.json")[:3] + json_span(name="bom"), JSON)
    twice = json_span(name="first").replace(b'"name": "first"', b'"name":"first","name":"last"')
    live.accept(TRACES, twice, JSON)
    surrogate = json_span(name="half").replace(b"half", b"\\ud800")
    assert "surrogate" in live.refuse(TRACES, surrogate, JSON)
    pair = json_span(name="pair").replace(b"pair", b"\\ud83d\\ude00")
    live.accept(TRACES, pair, JSON)
    assert [row["name"] for row in live.rows("spans", "name")] == ["bom", "last", "😀"]


@pytest.mark.parametrize("attributes", [{"k": "v"}, {"k": {"stringValue": "v"}}, "k", 1, ["k"]])
def test_068_attributes_are_an_array(live: Live, attributes: Any) -> None:
    assert "attributes" in live.refuse(TRACES, json_span(attributes=attributes), JSON)


def test_069_answers_are_lower_camel_case(live: Live) -> None:
    answer = live.post(TRACES, json_span(traceId=""), JSON).json()
    assert set(answer["partialSuccess"]) == {"rejectedSpans", "errorMessage"}
    assert answer["partialSuccess"]["rejectedSpans"] == "1"
    answer = live.post(METRICS, json_points("gauge", {"timeUnixNano": 0}), JSON).json()
    assert answer["partialSuccess"]["rejectedDataPoints"] == "1"


def test_070_lines_of_the_file_exporter_are_requests(live: Live) -> None:
    """TracesData, MetricsData and LogsData have the members of the requests."""
    lines = b"\n".join([json_span(name="one"), json_span(name="two")])
    for line in reversed(lines.splitlines()):
        live.accept(TRACES, line, JSON)
    assert [row["name"] for row in live.rows("spans", "name")] == ["two", "one"]
