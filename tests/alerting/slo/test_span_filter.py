"""The filter of spans: what it reads, what it refuses, and that its text reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.slo.span_filter import (
    KINDS,
    STATUSES,
    And,
    Attribute,
    Duration,
    Exists,
    Filter,
    Kind,
    Name,
    Not,
    Or,
    Status,
    text_of,
)
from alerting.slo.span_filter_parser import parse


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("status != error", Status("!=", "error")),
        ("status=OK", Status("=", "ok")),
        ("kind = server", Kind("=", "server")),
        ("duration < 300ms", Duration("<", 300_000_000)),
        ("duration>=1.5s", Duration(">=", 1_500_000_000)),
        ('name ~ "^GET "', Name("~", "^GET ")),
        ("http.route = /pay", Attribute("", "http.route", "=", "/pay", None)),
        ("code >= 500", Attribute("", "code", ">=", "500", 500.0)),
        ('code = "500"', Attribute("", "code", "=", "500", None)),
        ('"status" = x', Attribute("", "status", "=", "x", None)),
        ("attributes.status = x", Attribute("attributes", "status", "=", "x", None)),
        (
            "resource_attributes.env !~ test",
            Attribute("resource_attributes", "env", "!~", "test", None),
        ),
        ("user.id exists", Exists("", "user.id")),
        ("user.id !exists", Exists("", "user.id", negated=True)),
        (
            "status != error and duration < 300ms or not kind = client",
            Or(
                (And((Status("!=", "error"), Duration("<", 300_000_000))), Not(Kind("=", "client")))
            ),
        ),
        (
            "status = ok and (a = 1 or b = 2)",
            And(
                (
                    Status("=", "ok"),
                    Or((Attribute("", "a", "=", "1", 1.0), Attribute("", "b", "=", "2", 2.0))),
                )
            ),
        ),
    ],
)
def test_reading(written: str, expected: Filter) -> None:
    assert parse(written) == expected


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", "character 1: a field is expected"),
        ("status", "character 7: an operator is expected"),
        ("status > error", "character 8: only = and !="),
        ("status = failed", "character 10: one of unset, ok, error"),
        ("kind = servant", "character 8: one of unspecified"),
        ("duration < 300", "character 12: a duration with its unit"),
        ("duration ~ 3s", "character 10: a duration has no pattern"),
        ("duration exists", "character 1: duration is always there"),
        ("a = ", "character 5: a value is expected"),
        ("a = b c", "character 7: `and`, `or` or the end"),
        ("(a = b", "character 7: `)` is expected"),
        ('a = "b', "character 5: this character has no meaning"),
        ('a = "\\x"', "character 5: is no JSON string"),
        ('a ~ "("', "character 5: error parsing regexp"),
        ("and = 1", "character 1: a field is expected"),
        ("not " * 60 + "a = 1", "more than 50 levels"),
        ("a" * 5000, "at most 4000 characters"),
    ],
)
def test_refusing(written: str, fault: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  (the text is looked at below)
        parse(written)
    assert fault in str(refused.value)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
LEAVES = st.one_of(
    st.builds(Status, st.sampled_from(["=", "!="]), st.sampled_from(STATUSES)),
    st.builds(Kind, st.sampled_from(["=", "!="]), st.sampled_from(KINDS)),
    st.builds(Duration, st.sampled_from(["=", "<", ">="]), st.integers(0, 10**15)),
    st.builds(Name, st.sampled_from(["=", "!=", "<"]), WORDS),
    st.builds(Attribute, st.just(""), WORDS, st.sampled_from(["=", ">"]), WORDS, st.none()),
    st.builds(Exists, st.just(""), WORDS, st.booleans()),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(FILTERS)
def test_the_text_of_a_filter_reads_back(found: Filter) -> None:
    assert parse(text_of(found)) == found


def test_numbers_and_homes_read_back() -> None:
    for written in ("a > 1e3", "attributes.a.b = 5", "resource_attributes.x exists"):
        assert text_of(parse(written)) == written
