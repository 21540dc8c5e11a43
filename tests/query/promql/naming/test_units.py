"""Units in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.promql.naming.strategy import Strategy
from query.promql.naming.units import escaped_unit_words, unit_name, unit_words

DEFAULT = Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("", ("", "")),
        ("1", ("", "")),
        ("By/s", ("bytes", "per_second")),
        (" By / s ", ("bytes", "per_second")),
        ("{request}/s", ("", "per_second")),
        ("By/{request}", ("bytes", "")),
        ("m/s/s", ("meters", "per_s/s")),
        ("By/", ("bytes", "")),
        ("/", ("", "")),
        ("1/m", ("", "per_minute")),
        ("m", ("meters", "")),
        ("foo", ("foo", "")),
    ],
)
def test_words(unit: str, expected: tuple[str, str]) -> None:
    assert unit_words(unit) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("@a@", ("a_", "")), ("@a@/@b@", ("a", "per_b")), ("a/@", ("a", "")), ("a__b", ("a_b", ""))],
)
def test_escaped_words(unit: str, expected: tuple[str, str]) -> None:
    assert escaped_unit_words(unit) == expected


def test_names_keep_what_is_not_escaped() -> None:
    assert unit_name("a@b", Strategy.NO_TRANSLATION) == "a@b"
    assert unit_name("a@b", DEFAULT) == "a_b"
    assert unit_name("@b@", DEFAULT) == "b"


@given(st.text(max_size=12))
def test_escaped_names_are_parts_of_legal_names(unit: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_:]*", unit_name(unit, DEFAULT), re.ASCII)
