"""Single values of YAML documents and their faults."""

import math

import pytest

from alerting.documents.entry import Entry
from alerting.documents.faults import BadFile
from alerting.documents.reading import Reading


def _place(reading: Reading, text: str) -> Entry:
    document = reading.document(f"value: {text}")
    assert document is not None
    return reading.mapping(document)["value"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1e3", 1000.0), (".inf", math.inf), ("-.Inf", -math.inf), ("+Inf", math.inf), ("-0.5", -0.5)],
)
def test_numbers(text: str, expected: float) -> None:
    reading = Reading("f")
    assert reading.number(_place(reading, text)) == expected
    assert reading.problems == []


def test_what_is_not_there_is_nothing() -> None:
    reading = Reading("f")
    assert (reading.number(None), reading.integer(None), reading.duration(None)) == (0.0, 0, 0)
    assert (reading.text(None), reading.boolean(None), list(reading.items(None))) == ("", False, [])
    assert reading.document("") is None
    reading.finish()


@pytest.mark.parametrize("text", ["yes", "1", "[]"])
def test_only_true_and_false_are_boolean(text: str) -> None:
    reading = Reading("f")
    assert reading.boolean(_place(reading, text)) is False
    assert reading.problems


def test_texts_are_as_they_are_written() -> None:
    reading = Reading("f")
    found = reading.texts(_place(reading, "{b: 1.50, a: yes, c: ~, d: 0x10}"))
    assert list(found.items()) == [("a", "yes"), ("b", "1.50"), ("c", ""), ("d", "0x10")]


def test_a_list_of_merges_prefers_the_first() -> None:
    text = "{x: &x {k: 1, l: 1}, y: &y {k: 2, m: 2}, z: {<<: [*x, *y], l: 3}}"
    reading = Reading("f")
    merged = reading.texts(reading.mapping(_place(reading, text))["z"])
    assert merged == {"k": "1", "l": "3", "m": "2"}


def test_a_fault_takes_one_line_and_is_told_once() -> None:
    reading = Reading("f")
    place = _place(reading, "x")
    reading.fault(place, "first\nsecond")
    reading.fault(place, "first\nsecond")
    with pytest.raises(BadFile) as caught:
        reading.finish()
    assert str(caught.value) == "f:1: value: first second"
