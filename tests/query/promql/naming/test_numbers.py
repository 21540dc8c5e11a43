"""Numbers: what Go prints, and that all of it reads back."""

import math
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from query.promql.naming.numbers import (
    api_number,
    api_numbers,
    api_time,
    general_number,
    plain_number,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
EDGES = [1e-7, 1e-6, 9.99e-7, 1e-5, 1e-4, 1e6, 999999.0, 1e15, 1e16, 1e20, 1e21, 5e-324]
LARGEST = 1.7976931348623157e308


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (100.0, "100"),
        (123456789.25, "123456789.25"),
        (1e-6, "0.000001"),
        (9.5e-7, "9.5e-07"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.25e100, "-1.25e+100"),
        (5e-324, "5e-324"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_in_answers(value: float, expected: str) -> None:
    assert api_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (0.5, "0.5"),
        (-0.0, "-0"),
        (math.inf, "+Inf"),
    ],
)
def test_plain(value: float, expected: str) -> None:
    assert plain_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (999999.5, "999999.5"),
        (1e6, "1e+06"),
        (123456789.0, "1.23456789e+08"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (math.nan, "NaN"),
    ],
)
def test_general(value: float, expected: str) -> None:
    assert general_number(value) == expected


@example(LARGEST)
@given(FINITE)
def test_what_is_written_reads_back(value: float) -> None:
    for written in (api_number(value), plain_number(value), general_number(value)):
        read = float(written)
        assert (read, math.copysign(1, read)) == (value, math.copysign(1, value))


@given(FINITE)
def test_plain_is_the_decimal_written_out(value: float) -> None:
    written = format(Decimal(repr(value)), "f")
    assert plain_number(value) == re.sub(r"\.0*$|(\.\d*?)0+$", r"\1", written)


@given(FINITE)
def test_exponents_stand_where_prometheus_turns_to_them(value: float) -> None:
    turned = value != 0 and not 1e-6 <= abs(value) < 1e21
    pattern = r"-?\d(\.\d*[1-9])?e[+-]\d\d+" if turned else r"-?(0|[1-9]\d*)(\.\d*[1-9])?"
    assert re.fullmatch(pattern, api_number(value))


@given(st.lists(st.floats() | st.sampled_from(EDGES) | st.integers(-20, 20).map(float)))
def test_many_at_once_are_written_as_each(values: list[float]) -> None:
    assert api_numbers(np.array(values, dtype=np.float64)) == [api_number(v) for v in values]


def test_strided_values() -> None:
    assert api_numbers(np.arange(6, dtype=np.float64)[::2]) == ["0", "2", "4"]


@pytest.mark.parametrize(
    ("time_ms", "expected"),
    [(0, "0"), (1000, "1"), (1500, "1.500"), (1001, "1.001"), (-1, "-0.001"), (-2000, "-2")],
)
def test_times(time_ms: int, expected: str) -> None:
    assert api_time(time_ms) == expected
