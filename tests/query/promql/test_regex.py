"""Regular expressions of RE2's kind, over whole values."""

import time

import pytest

from query.promql.regex import BadRegex, captures, matches


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("a.b", "a\nb", True),
        ("b", "ab", False),
        ("a|b", "b", True),
        ("a", "a\n", False),
        ("(?i)AB", "ab", True),
        ("a((?i)B)c", "abC", False),
        ("[[:alpha:]]+", "ab", True),
        (r"\pL+", "ä", True),
        (r"\d", "٣", False),
        ("", "", True),
    ],
)
def test_matching(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, [value]) == [expected]


def test_groups_by_number_and_name() -> None:
    assert captures(r"(a)(?:b)(?P<name>c)?[()\]]?", ["abc", "ab)", "x"]) == [
        {"1": "a", "2": "c", "name": "c"},
        {"1": "a", "2": "", "name": ""},
        None,
    ]


def test_what_is_none_is_refused() -> None:
    for use in (matches, captures):
        with pytest.raises(BadRegex) as raised:
            use("(", ["a"])
        assert str(raised.value).startswith("error parsing regexp: missing closing )")


def test_no_pattern_takes_long() -> None:
    started = time.process_time()
    assert matches("(a*)*b", ["a" * 5_000]) == [False]
    assert time.process_time() - started < 5
