"""OTLP JSON as a whole, rule by rule: its fields, names and shape. Both decoders keep to each."""

import json
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from support import full_request, otlp_fields, otlp_json
from support.decoders import decode, disagreements, warnings, with_each_decoder
from support.json_bodies import decoded_json, record, refusal, span, spans, taken, text
from support.otlp_values import REQUESTS

from goldeneye.decoded import BodyResult, Decoder
from goldeneye.limits import MAX_JSON_DEPTH
from goldeneye.schemas import SIGNALS, Signal

pytestmark = with_each_decoder

# The fields


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_field_is_read_as_from_protobuf(decoder: Decoder, signal: Signal) -> None:
    request = full_request.full(signal)
    found = decoded_json(decoder, signal, otlp_json.of(request))
    assert found.results[0].accepted > 7
    assert not warnings(found.results[0])
    expected = decode(decoder, signal, "protobuf", [request.SerializeToString()])
    assert not disagreements(found, expected)


@pytest.mark.parametrize("signal", SIGNALS)
def test_snake_case_is_read_with_one_warning_a_body(decoder: Decoder, signal: Signal) -> None:
    request = full_request.full(signal)
    found = decoded_json(decoder, signal, snake_case(otlp_json.of(request)))
    assert warnings(found.results[0]) == {"snake_case": 1}
    expected = decode(decoder, signal, "protobuf", [request.SerializeToString()])
    assert disagreements(found, expected) == [
        f"body 0: {found.results[0]} against {expected.results[0]}"
    ]


def snake_case(value: Any) -> Any:
    if isinstance(value, list):
        return [snake_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        "".join(f"_{c.lower()}" if c.isupper() else c for c in name): snake_case(item)
        for name, item in value.items()
    }


@pytest.mark.parametrize("signal", SIGNALS)
def test_null_is_an_absent_field(decoder: Decoder, signal: Signal) -> None:
    """Each field is written as null in a request that has just its message."""
    for path, field in otlp_fields.paths(signal).items():
        without, _ = next(otlp_fields.pairs(signal, path))
        request = REQUESTS[signal].FromString(without)
        members = otlp_json.of(request)
        owner = members
        for name, parent in zip(path.split(".")[:-1], parents(signal, path), strict=True):
            inner = owner[parent.fields_by_name[name].json_name]
            owner = inner[0] if isinstance(inner, list) else inner
        owner.setdefault(field.json_name, None)
        found = decoded_json(decoder, signal, members)
        assert not disagreements(found, decode(decoder, signal, "protobuf", [without])), path


def parents(signal: Signal, path: str) -> list[Descriptor]:
    """The messages that the path's fields but the last are of."""
    found: list[Any] = [REQUESTS[signal].DESCRIPTOR]
    for name in path.split(".")[:-1]:
        found.append(found[-1].fields_by_name[name].message_type)
    return found[:-1]


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_field_refuses_what_it_cannot_take(decoder: Decoder, signal: Signal) -> None:
    """So it is known by its name: an unknown member takes anything."""
    for path, field in otlp_fields.paths(signal).items():
        for wrong in ([True], {"a": 1}) if field.message_type is None else ("x", 1, True):
            members: Any = wrong
            names = path.split(".")
            kinds: list[Any] = [*parents(signal, path), field.containing_type]
            for name, kind in zip(reversed(names), reversed(kinds), strict=True):
                parent = kind.fields_by_name[name]
                is_list = parent.is_repeated and members is not wrong
                members = {parent.json_name: [members] if is_list else members}
            assert field.name in refusal(decoder, signal, members), (path, wrong)


# The names


@pytest.mark.parametrize("value", [None, 1, -0.5e-9, "x", True, [], {}, [[{"traceId": 5}]]])
def test_unknown_members_are_skipped(decoder: Decoder, value: Any) -> None:
    plain = span(name="s", attributes=[{"key": "a", "value": {"intValue": 1}}])
    body = json.loads(json.dumps(plain))
    for place in (body, body["resourceSpans"][0], inner(body), inner(body)["attributes"][0]):
        place.update({"unknown": value, "": value, "traceID": value, "Name": value})
    found = decoded_json(decoder, "traces", body)
    assert not disagreements(found, decoded_json(decoder, "traces", plain))


def inner(body: Any) -> Any:
    return body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]


def test_half_a_surrogate_pair_in_a_name_makes_it_unknown(decoder: Decoder) -> None:
    (row,), _ = taken(decoder, "traces", text(span(name="s", x=1), x=r'"\ud800name"'))
    assert row["name"] == "s"


def test_a_name_may_be_written_with_escapes(decoder: Decoder) -> None:
    (row,), _ = taken(decoder, "traces", text(span(x="s"), x=r'"n\u0061me"'))
    assert row["name"] == "s"


# The whole body


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("body", [b"{}", b"null", b" \t\r\n{ } \n", b"\xef\xbb\xbf{}"])
def test_an_empty_request(decoder: Decoder, signal: Signal, body: bytes) -> None:
    assert taken(decoder, signal, body) == ([], BodyResult())


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"[]", b'"x"', b"1", b"true", b"[{}]", b"nul", b"{", b"}", b"{}}", b"{} {}"),
        *(b"{}x", b"{},", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{"a":[1,]}', b"{a:1}", b"{'a':1}"),
        *(b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":1.}', b'{"a":1e}', b'{"a":-}'),
        *(b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":"\n"}', b'{"a":"\0"}'),
        *(rb'{"a":"\x"}', rb'{"a":"\u12"}', b'{"a":"', b'{"a":"\xff"}', b'{"\xc3":1}', b"\xff{}"),
        *(b"{}\0", b"\0{}", b"{}\xef\xbb\xbf", b"/**/{}", b'{"a":"\xed\xa0\x80"}'),
    ],
)
def test_what_is_no_json_object_is_refused(decoder: Decoder, body: bytes) -> None:
    assert refusal(decoder, "traces", body)


def test_a_byte_order_mark_is_skipped(decoder: Decoder) -> None:
    (row,), _ = taken(decoder, "traces", b"\xef\xbb\xbf" + json.dumps(span(name="s")).encode())
    assert row["name"] == "s"


@pytest.mark.parametrize("pair", ["[]", '{"":}'])
def test_json_may_nest_as_deep_as_documented(decoder: Decoder, pair: str) -> None:
    opened, closed = pair[:-1], pair[-1]
    for levels in (MAX_JSON_DEPTH - 1, MAX_JSON_DEPTH):
        unknown = opened * levels + ("" if opened == "[" else "1") + closed * levels
        body = f'{{"unknown":{unknown}}}'.encode()
        if levels < MAX_JSON_DEPTH:
            assert taken(decoder, "traces", body) == ([], BodyResult())
        else:
            assert str(MAX_JSON_DEPTH) in refusal(decoder, "traces", body)


def test_brackets_in_strings_are_no_levels(decoder: Decoder) -> None:
    (row,), _ = taken(decoder, "traces", span(name='"[\\' * 1000))
    assert row["name"] == '"[\\' * 1000


@pytest.mark.parametrize("kind", ["arrayValue", "kvlistValue"])
def test_a_value_may_nest_128_deep(decoder: Decoder, kind: str) -> None:
    def nested(depth: int) -> Any:
        value: Any = {kind: {}}
        for _ in range(depth - 1):
            value = {kind: {"values": [value if kind == "arrayValue" else {"value": value}]}}
        return value

    (row,), _ = taken(decoder, "logs", record(body=nested(128)))
    assert row["body"].count("[" if kind == "arrayValue" else "{") == 128
    assert "128 deep" in refusal(decoder, "logs", record(body=nested(129)))
    attribute = [{"key": "a", "value": nested(129)}]
    assert "128 deep" in refusal(decoder, "logs", record(attributes=attribute))


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("other", SIGNALS)
def test_another_signals_body_is_told_its_path(
    decoder: Decoder, signal: Signal, other: Signal
) -> None:
    roots = {"traces": "Spans", "metrics": "Metrics", "logs": "Logs"}
    mine, foreign = f"resource{roots[signal]}", f"resource{roots[other]}"
    if signal == other:
        assert taken(decoder, signal, {mine: []}) == ([], BodyResult())
        return
    bodies: list[Any] = [{foreign: []}, {"a": 1, foreign: None}, snake_case({foreign: [{}]})]
    for body in bodies:
        assert f"/v1/{other}" in refusal(decoder, signal, body)
    assert taken(decoder, signal, {foreign: [], mine: []}) == ([], BodyResult())


def test_a_refused_body_does_not_touch_its_neighbours(decoder: Decoder) -> None:
    good = json.dumps(span(name="s")).encode()
    decoded = decode(decoder, "traces", "json", [good, good[:-1], good])
    assert [result.accepted for result in decoded.results] == [1, 0, 1]
    assert decoded.batches["spans"].num_rows == 2


def test_the_place_is_named(decoder: Decoder) -> None:
    bad = {"key": "a", "value": {"intValue": "x"}}
    body = spans({}, {"attributes": [{}, bad]})
    place = "resource_spans[0].scope_spans[0].spans[1].attributes[1].value"
    assert place in refusal(decoder, "traces", body)
