"""What was encoded for a column is in OTLP's JSON what it was before."""

from hypothesis import given
from support.any_values import ALIKE, VALUES, as_json, pairs_json

from otlp_receiver.decoding.canonical_json import encode, encode_attributes
from otlp_receiver.decoding.values import Value
from query.traces.any_value import any_value, key_values


@given(VALUES)
def test_a_value_comes_back(value: Value) -> None:
    # As text, in which 1 is not 1.0, nor NaN itself.
    assert repr(any_value(encode(value))) == repr(as_json(value))


def test_values_that_are_alike_stay_apart() -> None:
    found = [repr(any_value(encode(value))) for value in ALIKE]
    assert found == [repr(as_json(value)) for value in ALIKE]


@given(VALUES)
def test_attributes_come_back_in_their_order(value: Value) -> None:
    attributes: dict[str, Value] = {"z": value, "": 1, "$map": value, "a": "x"}
    assert repr(key_values(encode_attributes(attributes))) == repr(pairs_json(attributes))
    assert key_values(encode_attributes({})) == []
    assert repr(key_values(encode_attributes({"$bytes": value}))) == repr(
        pairs_json({"$bytes": value})
    )
