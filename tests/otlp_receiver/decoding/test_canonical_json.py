"""No value loses its kind: as canonical JSON and back, and on the whole way through a decoder."""

import itertools
import json
import math
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import any_values
from support.any_values import ALIKE, VALUES, exact
from support.batches import rows
from support.decoders import decode, installed, with_each_decoder
from support.otlp_wire import sized

from goldeneye.decoded import Decoder
from goldeneye.schemas import PromotedKeys
from otlp_receiver.decoding import canonical_json
from otlp_receiver.decoding.values import Map, Value

SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
TYPES: Final = {"string": str, "int": int, "double": float, "bool": bool}
# A key with a column of each type.
TYPED: Final = installed(PromotedKeys({kind: kind for kind in TYPES}))


def rows_of(decoder: Decoder, body: bytes, encoding: Any = "protobuf") -> list[dict[str, Any]]:
    decoded = decode(decoder, "logs", encoding, [body])
    assert decoded.results[0].error is None
    assert not decoded.results[0].warnings
    return rows(decoded.batches["logs"])


def wire_of(records: list[bytes]) -> bytes:
    return sized(1, sized(2, b"".join(sized(2, record) for record in records)))


def json_of(records: list[Any]) -> bytes:
    scope = {"logRecords": records}
    return json.dumps({"resourceLogs": [{"scopeLogs": [scope]}]}).encode()


@SLOWLY
@given(VALUES)
def test_every_value_comes_back(value: Value) -> None:
    assert exact(canonical_json.decode(canonical_json.encode(value))) == exact(value)


@SLOWLY
@given(VALUES)
def test_the_text_is_json_without_white_space(value: Value) -> None:
    text = canonical_json.encode(value)
    parsed = json.loads(text, object_pairs_hook=_Members)
    assert json.dumps(parsed, ensure_ascii=False, separators=(",", ":"), default=dict) == text


class _Members(dict[str, Any]):
    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        assert len(self) == len(pairs), "a member occurs twice"


def test_no_two_values_have_one_text() -> None:
    for one, other in itertools.combinations(ALIKE, 2):
        assert canonical_json.encode(one) != canonical_json.encode(other), (one, other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (-(2**63), "-9223372036854775808"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1e16, "1e+16"),
        (math.nan, '{"$double":"NaN"}'),
        (math.inf, '{"$double":"Infinity"}'),
        (-math.inf, '{"$double":"-Infinity"}'),
        (b"", '{"$bytes":""}'),
        (b"\xff\xef", '{"$bytes":"/+8="}'),
        ('"\\\b\t\n\f\r\x01\x1f', '"\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f"'),
        ("/\x7f\u2028é😀", '"/\x7f\u2028é😀"'),
        ([None, 1, [], Map({})], "[null,1,[],{}]"),
        (Map({"b": 1, "a": None}), '{"b":1,"a":null}'),
        (Map({"$a": 1}), '{"$map":{"$a":1}}'),
        (Map({"$map": Map({"$map": 1})}), '{"$map":{"$map":{"$map":{"$map":1}}}}'),
        (Map({"$a": 1, "$b": 2}), '{"$a":1,"$b":2}'),
    ],
)
@with_each_decoder
def test_the_text_is_as_documented(decoder: Decoder, value: Value, text: str) -> None:
    assert canonical_json.encode(value) == text
    (row,) = rows_of(decoder, wire_of([sized(5, any_values.wire(value))]))
    assert row["body"] == text


@with_each_decoder
@SLOWLY
@given(values=st.lists(VALUES, max_size=8))
@example(values=list(ALIKE))
def test_a_log_body_comes_back(decoder: Decoder, values: list[Value]) -> None:
    records = [sized(5, any_values.wire(value)) for value in values]
    found = rows_of(decoder, wire_of([*records, b""]))
    assert found.pop()["body"] is None
    assert [exact(canonical_json.decode(row["body"])) for row in found] == list(map(exact, values))
    for row, value in zip(found, values, strict=True):
        text = value if isinstance(value, str) else None if value is None else row["body"]
        assert row["body_text"] == text


@with_each_decoder
@SLOWLY
@given(values=st.lists(VALUES, max_size=8))
@example(values=list(ALIKE))
def test_a_log_body_sent_as_json_comes_back(decoder: Decoder, values: list[Value]) -> None:
    records = [{"body": any_values.as_json(value)} for value in values]
    found = rows_of(decoder, json_of([*records, {}]), "json")
    assert found.pop()["body"] is None
    assert [exact(canonical_json.decode(row["body"])) for row in found] == list(map(exact, values))


@pytest.mark.parametrize("decoder", TYPED.values(), ids=TYPED.keys())
@SLOWLY
@given(values=st.lists(VALUES, max_size=8))
@example(values=list(ALIKE))
def test_an_attribute_comes_back_from_its_column_or_the_rest(
    decoder: Decoder, values: list[Value]
) -> None:
    sent = [{key: value} for value in values for key in (*TYPES, "plain")]
    records = [sized(6, any_values.pair(key, value)) for one in sent for key, value in one.items()]
    found = rows_of(decoder, wire_of([*records, b""]))
    assert not attributes_of(found.pop())
    for row, entries in zip(found, sent, strict=True):
        assert exact(Map(attributes_of(row))) == exact(Map(entries))
        ((key, value),) = entries.items()
        assert (row["attributes_other"] is None) == fits(key, value)


def fits(key: str, value: Value) -> bool:
    """Whether the key's column takes the value."""
    is_finite = not isinstance(value, float) or math.isfinite(value)
    return type(value) is TYPES.get(key) and is_finite


@with_each_decoder
@SLOWLY
@given(entries=st.dictionaries(st.text(max_size=3), VALUES, max_size=5))
def test_attributes_keep_their_order_and_all_their_keys(
    decoder: Decoder, entries: dict[str, Value]
) -> None:
    record = {"attributes": any_values.pairs_json(entries)}
    (row,) = rows_of(decoder, json_of([record]), "json")
    assert exact(Map(attributes_of(row))) == exact(Map(entries))
    assert (row["attributes_other"] is None) == (not entries)


@with_each_decoder
def test_of_equal_keys_the_last_stays_at_its_place(decoder: Decoder) -> None:
    pairs: list[tuple[str, Value]] = [("a", 1), ("b", 2), ("a", "last"), ("", None)]
    wires = [any_values.pair(key, value) for key, value in pairs]
    nested = sized(6, b"".join(sized(1, wire) for wire in wires))
    in_array = sized(5, sized(5, sized(1, nested)))
    record = b"".join(sized(6, wire) for wire in wires) + in_array
    (row,) = rows_of(decoder, wire_of([record]))
    assert row["attributes_other"] == '{"b":2,"a":"last","":null}'
    assert row["body"] == '[{"b":2,"a":"last","":null}]'


@with_each_decoder
def test_a_map_of_one_key_after_duplicates_is_wrapped(decoder: Decoder) -> None:
    twice = sized(1, any_values.pair("$bytes", 1)) + sized(1, any_values.pair("$bytes", "eA=="))
    (row,) = rows_of(decoder, wire_of([sized(5, sized(6, twice))]))
    assert row["body"] == '{"$map":{"$bytes":"eA=="}}'
    assert canonical_json.decode(row["body"]) == Map({"$bytes": "eA=="})


def attributes_of(row: dict[str, Any]) -> dict[str, Value]:
    """All attributes of a row; none is in two places."""
    prefix = "attributes."
    promoted = {
        name.removeprefix(prefix): value
        for name, value in row.items()
        if name.startswith(prefix) and value is not None
    }
    rest = canonical_json.decode_attributes(row["attributes_other"])
    assert not promoted.keys() & rest.keys()
    return promoted | rest
