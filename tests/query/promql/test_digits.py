"""Where more than one last digit is right: those of Prometheus 3.14."""

import math

import pytest

from query.promql.engine import Engine, Limits
from query.promql.memory import MemorySource
from query.promql.naming.numbers import api_number
from query.promql.native.histogram import exponential_bound

_NO_TIME = ("NaN", "Inf", "-1e300")


def _value(query: str) -> str:
    source = MemorySource()
    samples = [(second * 15_000, float(second * 12 % 37)) for second in range(81)]
    source.add((("__name__", "m"),), samples)
    (one,) = Engine(source, Limits()).instant(query, 1_193_000).series
    return api_number(float(one.values[0]))


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("log10(vector(0.1))", "-0.9999999999999999"),
        ("log10(vector(2))", "0.3010299956639812"),
        ("log10(vector(0))", "-Inf"),
        ("log2(vector(0.125))", "-3"),
        ("log2(vector(3))", "1.5849625007211563"),
        ("log2(vector(-1))", "NaN"),
        ("sgn(-vector(0))", "-0"),
        ("stddev_over_time(m[3m])", "10.889278621143317"),
        ("stdvar_over_time(m[4m])", "116.1875"),
        ("deriv(m[3m])", "0.08414918414918415"),
        ("predict_linear(m[5m], 60)", "18.389172932330826"),
        ("year(vector(1e15))", "31690708"),
        ("month(vector(-1e15))", "6"),
        ("day_of_month(vector(9e18))", "21"),
        ("year(vector(-9e18))", "-285198644592"),
        *((f"year(vector({value}))", "292277026596") for value in _NO_TIME),
        *((f"hour(vector({value}))", "15") for value in _NO_TIME),
        *((f"day_of_year(vector({value}))", "339") for value in _NO_TIME),
    ],
)
def test_functions(query: str, answer: str) -> None:
    assert _value(query) == answer


@pytest.mark.parametrize(
    ("index", "schema", "bound"),
    [
        (1, 1, 1.414213562373095),
        (3, 2, 1.6817928305074288),
        (-1, 8, 0.9972960560854698),
        (6, 8, 1.0163783149109529),
        (-5, 0, 0.03125),
        (1024, 0, 1.7976931348623157e308),
        (1025, 0, math.inf),
        (256 * 1024, 8, 1.7976931348623157e308),
        (256 * 1024 + 1, 8, math.inf),
        (64, -4, 1.7976931348623157e308),
        (65, -4, math.inf),
    ],
)
def test_bounds_of_native_histograms(index: int, schema: int, bound: float) -> None:
    assert exponential_bound(index, schema) == bound
