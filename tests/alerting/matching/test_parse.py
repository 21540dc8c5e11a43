"""Matchers in both syntaxes, alone and together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.matching import classic, utf8
from alerting.matching.matcher import Matcher, Operator, all_match, written
from alerting.matching.parse import parse_matcher, parse_matchers

EQUAL, NOT_EQUAL = Operator.EQUAL, Operator.NOT_EQUAL
MATCHES, NOT_MATCHES = Operator.MATCHES, Operator.NOT_MATCHES

NEWER = [
    ("", ()),
    ("{}", ()),
    ("foo=bar", (Matcher("foo", EQUAL, "bar"),)),
    ('{foo="bar", dings != "bums",}', (
        Matcher("foo", EQUAL, "bar"), Matcher("dings", NOT_EQUAL, "bums"))),
    ('foo=~"a|b",c!~d', (Matcher("foo", MATCHES, "a|b"), Matcher("c", NOT_MATCHES, "d"))),
    ("Προμηθεύς=🙂", (Matcher("Προμηθεύς", EQUAL, "🙂"),)),
    ('"foo bar"="b\\"a\\\\z\\n"', (Matcher("foo bar", EQUAL, 'b"a\\z\n'),)),
    ('foo="\\xf0\\x9f\\x99\\x82"', (Matcher("foo", EQUAL, "🙂"),)),
    ('{foo="{bar}"}', (Matcher("foo", EQUAL, "{bar}"),)),
    ("foo = \n bar", (Matcher("foo", EQUAL, "bar"),)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "matchers"), NEWER, ids=range(len(NEWER)))
def test_the_newer_syntax(text: str, matchers: tuple[Matcher, ...]) -> None:
    assert utf8.parse(text) == matchers


REFUSED = [
    ("{", "end of input: expected close brace"),
    ("}", "0:1: unexpected }: expected opening brace"),
    ("{foo=bar", "end of input: expected close brace"),
    ("foo=bar}", "7:8: unexpected }: expected opening brace"),
    ("{{foo=bar}}", "1:2: unexpected {: expected label name"),
    ("foo", "end of input: expected an operator such as '=', '!=', '=~' or '!~'"),
    ("foo=", "end of input: expected label value"),
    ("=bar", "0:1: unexpected =: expected label name"),
    ("foo=bar baz=x", "8:11: unexpected baz: expected a comma"),
    ('foo="bar', '4:8: "bar: missing end "'),
    ("foo='bar'", "4:5: ': invalid input"),
    ("foo!bar", "3:4: !: expected one of '=~'"),
    ('foo="\\xff"', '4:10: "\\xff": invalid input: not valid UTF-8'),
    ("foo==bar", "4:5: unexpected =: expected label value"),
    (",", "0:1: unexpected ,: expected label name"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_the_newer_syntax_refuses(text: str, reason: str) -> None:
    with pytest.raises(utf8.BadMatcher) as caught:
        utf8.parse(text)
    assert str(caught.value) == reason


OLDER = [
    ("{foo=bar", (Matcher("foo", EQUAL, "bar"),)),
    ("foo=", (Matcher("foo", EQUAL, ""),)),
    ('foo="a,b",c=d', (Matcher("foo", EQUAL, "a,b"), Matcher("c", EQUAL, "d"))),
    ("foo=bar baz", (Matcher("foo", EQUAL, "bar baz"),)),
    ('foo="\\d\\"\\n"', (Matcher("foo", EQUAL, '\\d"\n'),)),
    ("foo=~[a-z]+!", (Matcher("foo", MATCHES, "[a-z]+!"),)),
    ("foo=bar,", (Matcher("foo", EQUAL, "bar"),)),
    ("foo=a\\", (Matcher("foo", EQUAL, "a\\"),)),
]


@pytest.mark.parametrize(("text", "matchers"), OLDER, ids=range(len(OLDER)))
def test_the_older_syntax(text: str, matchers: tuple[Matcher, ...]) -> None:
    assert classic.parse(text) == matchers


@pytest.mark.parametrize("text", ["foo", "1a=b", 'a="b', 'a=b"c', 'a="b"c"', "a=b,,c=d", "ü=x"])
def test_what_the_older_syntax_refuses(text: str) -> None:
    with pytest.raises(utf8.BadMatcher):
        classic.parse(text)


def test_the_older_syntax_is_taken_where_only_it_fits_and_where_both_differ() -> None:
    matchers, warning = parse_matchers("foo=bar baz")
    assert matchers == (Matcher("foo", EQUAL, "bar baz"),)
    assert warning is not None
    assert warning.endswith('write foo="bar baz"')
    matchers, warning = parse_matchers('foo="\\xf0\\x9f\\x99\\x82"')
    assert matchers == (Matcher("foo", EQUAL, "\\xf0\\x9f\\x99\\x82"),)
    assert warning is not None
    assert "different things" in warning
    assert parse_matchers("ü=x") == ((Matcher("ü", EQUAL, "x"),), None)


def test_one_matcher_is_one_without_braces() -> None:
    assert parse_matcher("a=b") == (Matcher("a", EQUAL, "b"), None)
    for text in ("{a=b}", "a=b,c=d", ""):
        with pytest.raises(utf8.BadMatcher):
            parse_matcher(text)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a=b", {}, False),
        ('a=""', {}, True),
        ("a!=b", {}, True),
        ("a=~b.*", {"a": "bcd"}, True),
        ("a=~b", {"a": "bcd"}, False),
        ('a=~"b|c"', {"a": "c"}, True),
        ('a=~".*"', {}, True),
        ('a=~".+"', {}, False),
        ("a!~b.*", {"a": "bcd"}, False),
        ('a=~"(a+)+b"', {"a": "a" * 200}, False),
    ],
)
def test_what_matches(text: str, labels: dict[str, str], expected: bool) -> None:
    assert all_match(parse_matchers(text)[0], labels) is expected


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(_TEXTS, st.sampled_from([EQUAL, NOT_EQUAL]), _TEXTS), max_size=3))
def test_what_is_written_is_read_again(parts: list[tuple[str, Operator, str]]) -> None:
    matchers = tuple(Matcher(*part) for part in parts)
    assert utf8.parse(written(matchers)) == matchers


@settings(deadline=None)
@given(st.text(alphabet="ab=!~{},\"\\ '\n", max_size=15))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        matchers, _ = parse_matchers(text)
    except ValueError:
        return
    assert all(isinstance(matcher, Matcher) for matcher in matchers)
