"""OTLP JSON numbers, rule by rule. Both decoders keep to each."""

import math
from typing import Any

import pytest
from support.decoders import with_each_decoder
from support.json_bodies import histogram, point, record, refusal, span, taken, text

from goldeneye.decoded import Decoder
from goldeneye.schemas import Signal

pytestmark = with_each_decoder


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("9007199254740993", 2**53 + 1),
        ('"9007199254740993"', 2**53 + 1),
        ("-9223372036854775808", -(2**63)),
        ('"9223372036854775807"', 2**63 - 1),
        ("9223372036854775807.0", 2**63 - 1),
        ("92233720368547758.07e2", 2**63 - 1),
        *(("1.0", 1), ("1e3", 1000), ('"1e3"', 1000), ("1500e-2", 15), ("1.50E+1", 15)),
        *(("0", 0), ("-0", 0), ("-0.0", 0), ("0e999999999", 0), ('"-0"', 0), ("0.000e-5", 0)),
        ("0e99999999999999999999999", 0),
        ("0.0000000000000000000001e22", 1),
        ("1" + "0" * 50 + "e-50", 1),
    ],
)
def test_an_integer_is_exact_in_all_spellings(decoder: Decoder, written: str, number: int) -> None:
    (row,), _ = taken(decoder, "logs", text(record(body={"intValue": "X"}), X=written))
    assert row["body"] == str(number)


WRONG_INTEGERS = [
    *("1.5", "1e-1", '"1.5"', '""', '" 1"', '"1 "', '"0x1"', '"+1"', '"01"', '"1_0"', '"a"'),
    *('"1."', '".5"', '"NaN"', '"Infinity"', "true", "[]", "{}", "[1]", "1e400", '"1e999999999"'),
    *("1e99999999999999999999999", '"1e-99999999999999999999999"'),
    *('"\u0661"', "1e-999999999", '"--1"', '"-"', '"1e"', r'"1\u0000"'),
]


@pytest.mark.parametrize("written", WRONG_INTEGERS)
def test_what_is_no_integer_is_refused(decoder: Decoder, written: str) -> None:
    refusal(decoder, "logs", text(record(body={"intValue": "X"}), X=written))
    refusal(decoder, "logs", text(record(timeUnixNano="X"), X=written))
    refusal(decoder, "logs", text(record(flags="X"), X=written))


@pytest.mark.parametrize("form", ["{}", '"{}"', "{}.0", '"{}e0"'])
def test_integers_stay_in_their_range(decoder: Decoder, form: str) -> None:
    ranges: list[tuple[Signal, Any, int, int]] = [
        ("logs", record(body={"intValue": "X"}), -(2**63), 2**63 - 1),
        ("logs", record(timeUnixNano="X"), 0, 2**64 - 1),
        ("logs", record(severityNumber="X"), -(2**31), 2**31 - 1),
        ("logs", record(flags="X"), 0, 2**32 - 1),
        ("traces", span(droppedEventsCount="X"), 0, 2**32 - 1),
        ("metrics", histogram(count="X"), 0, 2**64 - 1),
        ("metrics", point(asInt="X"), -(2**63), 2**63 - 1),
    ]
    for signal, body, low, high in ranges:
        for number in (low, high):
            rows, _ = taken(decoder, signal, text(body, X=form.format(number)))
            assert len(rows) == 1
        for number in (low - 1, high + 1):
            refusal(decoder, signal, text(body, X=form.format(number)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("1", "1.0"), ("-0.0", "-0.0"), ("-0", "-0.0"), ('"1.5"', "1.5"), ("1e3", "1000.0")),
        *(("1e16", "1e+16"), ("1e-5", "1e-05"), ("0.1", "0.1"), ('"-1E-2"', "-0.01")),
        *(("5e-324", "5e-324"), ("1e-400", "0.0"), ("-1e-400", "-0.0"), ("2e-324", "0.0")),
        ("9007199254740993", "9007199254740992.0"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("1.7976931348623158e308", "1.7976931348623157e+308"),
        ("0.1000000000000000055511151231257827", "0.1"),
        ('"NaN"', '{"$double":"NaN"}'),
        ('"Infinity"', '{"$double":"Infinity"}'),
        ('"-Infinity"', '{"$double":"-Infinity"}'),
    ],
)
def test_a_double_is_read_as_it_is(decoder: Decoder, written: str, value: str) -> None:
    (row,), _ = taken(decoder, "logs", text(record(body={"doubleValue": "X"}), X=written))
    assert row["body"] == value


@pytest.mark.parametrize(
    "written",
    [
        *("1e309", "-1e309", '"1e400"', "1.8e308", '"nan"', '"inf"', '"-NaN"', '"+Infinity"'),
        *('"infinity"', '""', '" 1"', '"1,5"', "true", "[]", "{}", '"0x1p3"', '"1."', '"1e"'),
    ],
)
def test_what_is_no_double_is_refused(decoder: Decoder, written: str) -> None:
    refusal(decoder, "logs", text(record(body={"doubleValue": "X"}), X=written))
    refusal(decoder, "metrics", text(point(asDouble="X"), X=written))
    refusal(decoder, "metrics", text(histogram(explicitBounds=["X"]), X=written))


def test_doubles_in_lists_are_read_alike(decoder: Decoder) -> None:
    bounds = ["-Infinity", "-1.5", 0, "1e3", "Infinity"]
    (row,), _ = taken(decoder, "metrics", histogram(explicitBounds=bounds, bucketCounts=[0] * 6))
    assert row["explicit_bounds"] == [-math.inf, -1.5, 0.0, 1000.0, math.inf]
