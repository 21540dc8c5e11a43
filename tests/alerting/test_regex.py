"""RE2: what matches, what is put in its place, and that nothing runs away."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.regex import BadRegex, check, found, matches, replace_all


def test_whole_and_part() -> None:
    assert matches("a|b", "b")
    assert not matches("a|b", "ab")
    assert found("b", "abc")
    assert not matches(".*", "a\nb")


@pytest.mark.parametrize("pattern", ["(", "a**", "(?=a)", "\\1"])
def test_refused(pattern: str) -> None:
    with pytest.raises(BadRegex, match="error parsing regexp"):
        check(pattern)


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "result"),
    [
        ("(a)(b)?", "[$2$1]", "aab", "[a][ba]"),
        ("(?P<x>a)", "${x}${y}$9", "ba", "ba"),
        ("(?:a)(b)", "$1\\1", "ab", "b\\1"),
        ("[(](a)", "$1", "(a", "a"),
        ("\\((a)", "$1", "(a", "a"),
        ("a", "$0$$", "a", "a$"),
        ("(a)", "$1x", "a", ""),
    ],
)
def test_replaced_as_in_go(pattern: str, replacement: str, text: str, result: str) -> None:
    assert replace_all(pattern, replacement, text) == result


@settings(deadline=None)
@given(st.sampled_from(["a+", "(a|b)c?", "[ab]", "^a", "b$"]), st.text("abc", max_size=8))
def test_simple_patterns_do_what_pythons_do(pattern: str, text: str) -> None:
    assert found(pattern, text) is bool(re.search(pattern, text))
    assert replace_all(pattern, "-", text) == re.sub(pattern, "-", text)


def test_nothing_runs_away() -> None:
    assert not matches("(a*)*b", "a" * 5_000)
