"""Values of attributes as label values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.promql.naming.attribute_text import attribute_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("", ""),
        ("text", "text"),
        (True, "true"),
        (False, "false"),
        (-(2**63), "-9223372036854775808"),
        (1.0, "1"),
        (0.25, "0.25"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (1e21, "1e+21"),
        ({"$double": "NaN"}, "json: unsupported value: NaN"),
        ({"$double": "-Infinity"}, "json: unsupported value: -Inf"),
        ({"$bytes": "AQI="}, "AQI="),
        ([], "[]"),
        ([1, "a", None, True, 1.0], '[1,"a",null,true,1]'),
        ({"b": 1, "a": [{"$bytes": "AQ=="}]}, '{"a":["AQ=="],"b":1}'),
        ({"$map": {"$double": "x"}}, '{"$double":"x"}'),
        ({"a": {"$map": {"$bytes": 1}}}, '{"a":{"$bytes":1}}'),
        ([1, {"$double": "NaN"}], ""),
        ({"a": 1, "b": [{"$double": "Infinity"}]}, ""),
        ({}, "{}"),
    ],
)
def test_texts(value: object, expected: str) -> None:
    assert attribute_text(value) == expected


@given(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back(integer: int, number: float) -> None:
    assert int(attribute_text(integer)) == integer
    assert float(attribute_text(number)) == number
