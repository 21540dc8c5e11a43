"""OTLP JSON values but numbers, rule by rule. Both decoders keep to each."""

from typing import Any

import pytest
from google.protobuf.descriptor import EnumDescriptor
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.decoders import warnings, with_each_decoder
from support.json_bodies import (
    SPAN_ID,
    TRACE_ID,
    decoded_json,
    histogram,
    point,
    record,
    refusal,
    span,
    spans,
    taken,
    text,
)

from goldeneye.decoded import Decoder

pytestmark = with_each_decoder


def body_of(decoder: Decoder, value: Any) -> Any:
    """What becomes of an AnyValue."""
    (row,), _ = taken(decoder, "logs", record(body=value))
    return row["body"]


# null, members that occur twice, oneofs


def test_null_in_an_array_of_values_is_an_empty_value(decoder: Decoder) -> None:
    values = [None, {"intValue": 1}, None, {}]
    assert body_of(decoder, {"arrayValue": {"values": values}}) == "[null,1,null,null]"


@pytest.mark.parametrize(
    "body",
    [
        {"resourceSpans": [None]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [None]}]}]},
        span(attributes=[None]),
        span(attributes=[{"key": "a", "value": {"kvlistValue": {"values": [None]}}}]),
        {"resourceSpans": [{"resource": {"entityRefs": [{"idKeys": ["a", None]}]}}]},
    ],
)
def test_null_in_any_other_array_is_refused(decoder: Decoder, body: Any) -> None:
    refusal(decoder, "traces", body)


def test_null_in_an_array_of_numbers_is_refused(decoder: Decoder) -> None:
    refusal(decoder, "metrics", histogram(bucketCounts=["1", None], explicitBounds=[1]))
    refusal(decoder, "metrics", histogram(bucketCounts=["1", "1"], explicitBounds=[None]))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r'"a","name":"b"', "b"),
        (r'"a","name":null', ""),
        (r'null,"name":"b"', "b"),
        (r'"a","n\u0061me":"b"', "b"),
        (r'5,"name":"b"', "b"),
        (r'"\ud800","name":"b"', "b"),
        (r'"a","name":"b","name":"c"', "c"),
    ],
)
def test_of_equal_members_the_last_wins(decoder: Decoder, written: str, name: str) -> None:
    (row,), _ = taken(decoder, "traces", text(span(name="X"), X=written))
    assert row["name"] == name


def test_the_last_of_equal_members_is_refused_where_it_is_wrong(decoder: Decoder) -> None:
    refusal(decoder, "traces", text(span(name="X"), X='"a","name":5'))


def test_a_message_that_occurs_twice_is_not_merged(decoder: Decoder) -> None:
    twice = '{"code":2,"message":"lost"},"status":{"code":1}'
    (row,), _ = taken(decoder, "traces", text(span(status="X"), X=twice))
    assert (row["status_code"], row["status_message"]) == ("ok", None)


def test_an_array_that_occurs_twice_is_not_joined(decoder: Decoder) -> None:
    twice = '[{"name":"lost"}],"events":[{"name":"kept"}]'
    (row,), _ = taken(decoder, "traces", text(span(events="X"), X=twice))
    assert [event["name"] for event in row["events"]] == ["kept"]


def test_two_spellings_are_one_member(decoder: Decoder) -> None:
    spelled = span(traceState="lost", trace_state="kept")
    (row,), result = taken(decoder, "traces", spelled)
    assert row["trace_state"] == "kept"
    assert warnings(result) == {"snake_case": 1}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"stringValue":"a","intValue":1', "1"),
        ('"intValue":1,"stringValue":"a"', '"a"'),
        ('"intValue":1,"stringValue":null', "1"),
        ('"stringValue":"a","intValue":1,"stringValue":null', "1"),
        ('"stringValue":"a","intValue":1,"stringValue":"b"', '"b"'),
        ('"arrayValue":{"values":[{}]},"kvlistValue":{}', "{}"),
        ('"kvlistValue":{},"arrayValue":{"values":[{}]}', "[null]"),
        ('"arrayValue":{},"arrayValue":null', "null"),
        ('"boolValue":false', "false"),
        ('"stringValue":""', '""'),
        ('"bytesValue":""', '{"$bytes":""}'),
        ('"intValue":0', "0"),
        ('"doubleValue":0', "0.0"),
        ('"kvlistValue":{"values":null}', "{}"),
    ],
)
def test_of_a_oneof_the_last_that_is_not_null_wins(
    decoder: Decoder, written: str, value: str
) -> None:
    (row,), _ = taken(decoder, "logs", text(record(body="X"), X=f"{{{written}}}"))
    assert row["body"] == value


def test_of_the_data_of_a_metric_the_last_wins(decoder: Decoder) -> None:
    gauge = {"dataPoints": [{"timeUnixNano": 1, "asInt": 1}]}
    metric = {"sum": {"aggregationTemporality": 1, **gauge}, "gauge": gauge, "summary": None}
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    (series,) = decoded_json(decoder, "metrics", body).batches["metric_series"].to_pylist()
    assert series["type"] == "gauge"


def test_of_the_value_of_a_point_the_last_wins(decoder: Decoder) -> None:
    (row,), _ = taken(decoder, "metrics", point(asDouble=0.5))
    assert (row["value"], row["value_int"]) == (0.5, None)
    exemplars = [{"asDouble": 0.5, "asInt": "7"}, {"asInt": 7, "asDouble": None}, {"asInt": None}]
    (row,), result = taken(decoder, "metrics", point(exemplars=exemplars))
    assert [found["value_int"] for found in row["exemplars"]] == [7, 7]
    assert warnings(result) == {"exemplar_without_value": 1}


def test_string_indexes_are_counted(decoder: Decoder) -> None:
    pair = {"keyStrindex": 3, "value": {"stringValueStrindex": "4"}}
    (row,), result = taken(decoder, "traces", span(attributes=[pair]))
    assert row["attributes_other"] == '{"":null}'
    assert warnings(result) == {"string_index": 2}


# Strings, bools, messages, arrays


@pytest.mark.parametrize("wrong", [1, 1.5, True, [], {}, ["a"]])
def test_only_a_string_is_a_string(decoder: Decoder, wrong: Any) -> None:
    assert "name" in refusal(decoder, "traces", span(name=wrong))
    refusal(decoder, "logs", record(body={"stringValue": wrong}))
    refusal(decoder, "logs", record(body={"bytesValue": wrong}))
    refusal(decoder, "traces", spans({"traceId": wrong, "spanId": SPAN_ID}))
    refusal(decoder, "logs", record(attributes=[{"key": wrong}]))


@pytest.mark.parametrize("wrong", [1, 0, "true", "", [], {}])
def test_only_true_and_false_are_bools(decoder: Decoder, wrong: Any) -> None:
    refusal(decoder, "logs", record(body={"boolValue": wrong}))


@pytest.mark.parametrize("wrong", [1, "a", True, []])
def test_only_an_object_is_a_message(decoder: Decoder, wrong: Any) -> None:
    for body in (span(status=wrong), span(events=[wrong]), {"resourceSpans": [wrong]}):
        refusal(decoder, "traces", body)


@pytest.mark.parametrize("wrong", [1, "a", True, {}, {"name": "a"}])
def test_only_an_array_is_repeated(decoder: Decoder, wrong: Any) -> None:
    for body in (span(events=wrong), span(attributes=wrong), {"resourceSpans": wrong}):
        refusal(decoder, "traces", body)
    refusal(decoder, "metrics", histogram(bucketCounts=wrong))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"\"\\\/\b\f\n\r\t\u00e9\u0000"', '"\\/\b\f\n\r\té\0'),
        (r'"\ud83d\ude00"', "😀"),
        ('"é😀\u2028\x7f"', "é😀\u2028\x7f"),
    ],
)
def test_escapes_in_strings_are_read(decoder: Decoder, written: str, value: str) -> None:
    (row,), _ = taken(decoder, "traces", text(span(name="X"), X=written))
    assert row["name"] == value


@pytest.mark.parametrize("half", [r'"\ud800"', r'"\udc00\ud800"', r'"a\ud83dx"', r'"\ude00"'])
def test_half_a_surrogate_pair_in_a_value_is_refused(decoder: Decoder, half: str) -> None:
    assert "surrogate" in refusal(decoder, "traces", text(span(name="X"), X=half))
    refusal(decoder, "traces", text(span(kind="X"), X=half))
    assert taken(decoder, "traces", text(span(unknown="X"), X=half))[1].accepted == 1


# Enums


def names_and_numbers(enum: EnumDescriptor) -> dict[str, int]:
    return {value.name: value.number for value in enum.values}


def test_enums_are_numbers_or_strings_of_numbers(decoder: Decoder) -> None:
    for written in (3, "3", 3.0, "3e0"):
        (row,), result = taken(decoder, "traces", span(kind=written))
        assert row["kind"] == "client"
        assert not warnings(result)
    (row,), _ = taken(decoder, "traces", span(kind=-1, status={"code": 2**31 - 1}))
    assert (row["kind"], row["status_code"]) == ("-1", "2147483647")


def test_names_of_enums_are_read_with_one_warning_a_body(decoder: Decoder) -> None:
    for name, number in names_and_numbers(SeverityNumber.DESCRIPTOR).items():
        (row,), result = taken(decoder, "logs", record(severityNumber=name))
        assert row["severity_number"] == number
        assert warnings(result) == {"enum_name": 1}
    for name, number in names_and_numbers(Span.SpanKind.DESCRIPTOR).items():
        for code, code_number in names_and_numbers(Status.StatusCode.DESCRIPTOR).items():
            named, result = taken(decoder, "traces", span(kind=name, status={"code": code}))
            numbered = span(kind=number, status={"code": code_number})
            assert named == taken(decoder, "traces", numbered)[0]
            assert warnings(result) == {"enum_name": 1}


def test_names_of_temporalities_are_read(decoder: Decoder) -> None:
    def metric(temporality: Any) -> Any:
        total = {"aggregationTemporality": temporality, "dataPoints": [{"timeUnixNano": 1}]}
        return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"histogram": total}]}]}]}

    for name, number in names_and_numbers(AggregationTemporality.DESCRIPTOR).items():
        named = decoded_json(decoder, "metrics", metric(name))
        numbered = decoded_json(decoder, "metrics", metric(number))
        assert named.results[0].rejected == numbered.results[0].rejected
        if number:
            (one,) = named.batches["metric_series"].column("temporality").to_pylist()
            assert one == {1: "delta", 2: "cumulative"}[number]


@pytest.mark.parametrize(
    "wrong", ["client", "SPAN_KIND_", "", "SPAN_KIND_CLIENT ", "STATUS_CODE_OK", 1.5, True, 2**31]
)
def test_what_is_no_enum_is_refused(decoder: Decoder, wrong: Any) -> None:
    refusal(decoder, "traces", span(kind=wrong))


# Ids and other bytes


def test_ids_are_hex_in_any_case(decoder: Decoder) -> None:
    ids = {"traceId": TRACE_ID.upper(), "spanId": SPAN_ID.upper(), "parentSpanId": "aB" * 8}
    (row,), _ = taken(decoder, "traces", spans(ids))
    assert row["trace_id"] == TRACE_ID
    assert row["span_id"] == SPAN_ID
    assert row["parent_span_id"] == "ab" * 8


WRONG_IDS = ["x" * 32, TRACE_ID[:-1], TRACE_ID + "0", TRACE_ID + "00", "0x" + TRACE_ID[2:], "é"]


@pytest.mark.parametrize("wrong", [*WRONG_IDS, "CvdlGRbNQ92ESOshHIAxnA==", " ", "\0"])
def test_a_wrong_id_is_judged_by_its_items_rules(decoder: Decoder, wrong: str) -> None:
    rejected = {
        "invalid_trace_id": spans({"traceId": wrong, "spanId": SPAN_ID}),
        "invalid_span_id": spans({"traceId": TRACE_ID, "spanId": wrong}),
        "invalid_parent_span_id": span(parentSpanId=wrong),
    }
    for reason, body in rejected.items():
        rows, result = taken(decoder, "traces", body)
        assert not rows
        assert result.rejected == {reason: 1}
    (row,), result = taken(decoder, "traces", span(links=[{"traceId": wrong, "spanId": SPAN_ID}]))
    assert (row["links"], warnings(result)) == ([], {"invalid_link": 1})
    (row,), result = taken(decoder, "logs", record(traceId=wrong, spanId=wrong))
    assert (row["trace_id"], row["span_id"]) == (None, None)
    assert warnings(result) == {"invalid_span_id": 1, "invalid_trace_id": 1}
    exemplar = {"asInt": 1, "traceId": wrong, "spanId": wrong}
    (row,), result = taken(decoder, "metrics", point(exemplars=[exemplar]))
    assert row["exemplars"][0]["trace_id"] is row["exemplars"][0]["span_id"] is None
    assert not warnings(result)


def test_an_empty_id_is_absent(decoder: Decoder) -> None:
    (row,), result = taken(decoder, "traces", span(parentSpanId=""))
    assert row["parent_span_id"] is None
    (row,), result = taken(decoder, "logs", record(traceId="", spanId=""))
    assert row["trace_id"] is row["span_id"] is None
    assert not warnings(result)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        *(("", ""), ("/+8=", "/+8="), ("_-8=", "/+8="), ("_-8", "/+8="), ("/-8", "/+8=")),
        *(("AA==", "AA=="), ("AA", "AA=="), ("AA=", "AA=="), ("AAA", "AAA="), ("AAAA", "AAAA")),
    ],
)
def test_bytes_are_base64_in_both_alphabets(decoder: Decoder, written: str, found: str) -> None:
    assert body_of(decoder, {"bytesValue": written}) == f'{{"$bytes":"{found}"}}'


@pytest.mark.parametrize("wrong", ["A", "AAAAA", "A A=", "AA\n", "A=A=", "é", "$$$$", "\0"])
def test_what_is_no_base64_is_refused(decoder: Decoder, wrong: str) -> None:
    refusal(decoder, "logs", record(body={"bytesValue": wrong}))
