"""Numbers are written as Prometheus writes them, and read back the same."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.promql.numbers import general, label_bound, plain


@pytest.mark.parametrize(
    ("value", "as_plain", "as_general", "as_bound"),
    [
        (0.0, "0", "0", "0.0"),
        (-0.0, "-0", "-0", "0.0"),
        (1.0, "1", "1", "1.0"),
        (0.25, "0.25", "0.25", "0.25"),
        (1e-5, "0.00001", "1e-05", "1e-05"),
        (999999.0, "999999", "999999", "999999.0"),
        (1e6, "1000000", "1e+06", "1e+06"),
        (2.5e7, "25000000", "2.5e+07", "2.5e+07"),
        (1e21, "1000000000000000000000", "1e+21", "1e+21"),
        (-1.5e-7, "-0.00000015", "-1.5e-07", "-1.5e-07"),
        (math.inf, "+Inf", "+Inf", "+Inf"),
        (-math.inf, "-Inf", "-Inf", "-Inf"),
        (math.nan, "NaN", "NaN", "NaN"),
    ],
)
def test_forms(value: float, as_plain: str, as_general: str, as_bound: str) -> None:
    assert (plain(value), general(value), label_bound(value)) == (as_plain, as_general, as_bound)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_form_reads_back_the_same(value: float) -> None:
    assert float(plain(value)) == float(general(value)) == float(label_bound(value)) == value
    assert "e" not in plain(value)
