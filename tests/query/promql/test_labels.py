"""Label sets: equal where they hold the same, printed as Prometheus prints them."""

import pytest

from query.promql.labels import braced, from_mapping, is_valid_name, text, with_label
from query.promql.matching import passing
from query.promql.tree import Matcher, MatchKind

LABELS = from_mapping({"b": "2", "__name__": "m", "a": "1", "empty": ""})


def test_they_are_sorted_and_hold_nothing_empty() -> None:
    assert LABELS == (("__name__", "m"), ("a", "1"), ("b", "2"))
    assert with_label(LABELS, "a", "") == (("__name__", "m"), ("b", "2"))
    assert with_label(LABELS, "c", "3")[-1] == ("c", "3")


@pytest.mark.parametrize(
    ("pairs", "printed"),
    [
        ({"__name__": "m"}, "m"),
        ({}, "{}"),
        ({"__name__": "m", "a": 'x"y\n'}, 'm{a="x\\"y\\n"}'),
        ({"__name__": "a.b", "c d": "e"}, '{"a.b", "c d"="e"}'),
    ],
)
def test_they_are_printed(pairs: dict[str, str], printed: str) -> None:
    assert text(from_mapping(pairs)) == printed


def test_the_name_may_stand_among_the_others() -> None:
    assert braced(LABELS) == '{__name__="m", a="1", b="2"}'


@pytest.mark.parametrize(("name", "valid"), [("a", True), ("ä b", True), ("", False)])
def test_any_text_names_a_label(name: str, valid: bool) -> None:
    assert is_valid_name(name) is valid


def test_bytes_that_are_no_text_name_nothing() -> None:
    assert not is_valid_name("a\udcffb")


@pytest.mark.parametrize(
    ("kind", "value", "matches"),
    [
        (MatchKind.EQUAL, "1", True),
        (MatchKind.NOT_EQUAL, "1", False),
        (MatchKind.REGEX, "1|2", True),
        (MatchKind.REGEX, "", False),
        (MatchKind.NOT_REGEX, "1.+", True),
    ],
)
def test_a_matcher_sees_the_whole_value(kind: MatchKind, value: str, matches: bool) -> None:
    assert passing([Matcher("a", kind, value)], [LABELS]) == [LABELS] * matches


@pytest.mark.parametrize(("value", "matches"), [("", True), (".+", False), (".*", True)])
def test_a_missing_label_is_empty(value: str, matches: bool) -> None:
    assert passing([Matcher("none", MatchKind.REGEX, value)], [LABELS]) == [LABELS] * matches
