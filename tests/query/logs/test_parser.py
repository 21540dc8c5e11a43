"""The query language of log records: what it parses to, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldeneye.errors import InvalidRequest
from query.asking.filters import Filter
from query.logs.expression import (
    EVERYTHING,
    And,
    Attribute,
    Expression,
    Field,
    Not,
    Or,
    Pattern,
    Severity,
    Text,
    printed,
)
from query.logs.parser import MAX_CHARS, MAX_TERMS, parse

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
KEYS = st.one_of(TEXTS, st.sampled_from(["user.id", "severity", "service", "a b", "-x"]))
OPERATORS = st.sampled_from(["=", "<", "<=", ">", ">="])
PATTERNS = st.text("ab/. ", min_size=1, max_size=6)


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    home = draw(st.sampled_from(["", "attributes", "resource_attributes"]))
    key = (
        draw(KEYS) if not home else draw(st.from_regex(r"[a-z]([a-z.]{0,6}[a-z])?", fullmatch=True))
    )
    kind = draw(st.sampled_from(["text", "number", "pattern", "exists"]))
    if kind == "exists":
        return Filter(home, key, "exists", None, None)
    if kind == "pattern":
        return Filter(home, key, "~", draw(PATTERNS), None)
    if kind == "text":
        return Filter(home, key, draw(OPERATORS), draw(st.text(max_size=6)), None)
    number = draw(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 500))
    return Filter(home, key, draw(OPERATORS), repr(number), float(number))


FIELDS = st.one_of(
    st.builds(Field, st.sampled_from(["service_name", "event_name"]), st.just("="), TEXTS),
    st.builds(Field, st.just("scope_name"), st.just("~"), PATTERNS),
    st.builds(Field, st.just("trace_id"), st.just("exists"), st.none()),
    st.builds(
        Field, st.just("trace_id"), st.just("="), st.just("0af7651916cd43dd8448eb211c80319c")
    ),
)
LEVELS = st.sampled_from(["warn", "ERROR", "17", "critical"])
TERMS = st.one_of(
    st.builds(Text, TEXTS),
    st.builds(Pattern, PATTERNS),
    st.builds(Severity, st.sampled_from([":", ">=", "<=", ">", "<"]), LEVELS),
    st.builds(Attribute, filters()),
    FIELDS,
)


def _grown(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Trees as the parser makes them: no And directly within an And, no Or within an Or."""
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Not, parts),
        several.map(
            lambda some: And(tuple(one for one in some if not isinstance(one, And)))
        ).filter(lambda made: len(made.parts) > 1),
        several.map(lambda some: Or(tuple(one for one in some if not isinstance(one, Or)))).filter(
            lambda made: len(made.parts) > 1
        ),
    )


@settings(deadline=None)
@given(st.recursive(TERMS, _grown, max_leaves=8))
def test_what_is_printed_parses_to_the_same(expression: Expression) -> None:
    assert parse(printed(expression)) == expression


@settings(deadline=None)
@given(st.text(alphabet='ab"/()-:><= \\ORNT*1', max_size=20))
def test_any_text_is_parsed_or_refused_with_its_place(text: str) -> None:
    try:
        tree = parse(text)
    except InvalidRequest as error:
        place = str(error).removeprefix(f"query: {text!r}, character ").split(":")[0]
        assert 1 <= int(place) <= len(text) + 1
    else:
        assert parse(printed(tree)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", EVERYTHING),
        ("  \n", EVERYTHING),
        ("a", Text("a")),
        ("a b", And((Text("a"), Text("b")))),
        ("a AND b c", And((Text("a"), Text("b"), Text("c")))),
        ("a b OR c", Or((And((Text("a"), Text("b"))), Text("c")))),
        ("a (b OR c)", And((Text("a"), Or((Text("b"), Text("c")))))),
        ("((a))", Text("a")),
        ("-a", Not(Text("a"))),
        ("NOT -a", Not(Not(Text("a")))),
        ("a-b", Text("a-b")),
        ("ORDER NOTE ANDY", And((Text("ORDER"), Text("NOTE"), Text("ANDY")))),
        ("or", Text("or")),
        ('"a \\"b\\""', Text('a "b"')),
        ("request=17", Text("request=17")),
        ("a->b", Text("a->b")),
        ("10.0.0.7:80", Text("10.0.0.7:80")),
        ("[error]", Text("[error]")),
        ("/a\\/b c/", Pattern("a/b c")),
        ("/\\d+/", Pattern("\\d+")),
        ("x:3", Attribute(Filter("", "x", "=", "3", 3.0))),
        ('x:"3"', Attribute(Filter("", "x", "=", "3", None))),
        ('"x y":z', Attribute(Filter("", "x y", "=", "z", None))),
        ("x>=0.5", Attribute(Filter("", "x", ">=", "0.5", 0.5))),
        ("attributes.x:a:b", Attribute(Filter("attributes", "x", "=", "a:b", None))),
        ("x:*", Attribute(Filter("", "x", "exists", None, None))),
        ('x:"*"', Attribute(Filter("", "x", "=", "*", None))),
        ("body:x", Text("x")),
        ('body:"x y" body:/z/', And((Text("x y"), Pattern("z")))),
        ('"body":x', Attribute(Filter("", "body", "=", "x", None))),
        ("service:shop", Field("service_name", "=", "shop")),
        ('"service":shop', Attribute(Filter("", "service", "=", "shop", None))),
        ("severity<warn", Severity("<", "warn")),
        ("span_id:00F067AA0BA902B7", Field("span_id", "=", "00f067aa0ba902b7")),
    ],
)
def test_the_language_reads_so(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a" * (MAX_CHARS + 1), f"character {MAX_CHARS + 1}: a query has at most"),
        ("a " * (MAX_TERMS + 1), f"character {2 * MAX_TERMS + 1}: a query has at most"),
        ("-" * 40 + "a", "character 33: is nested deeper than 32 levels"),
        ("(" * 40 + "a" + ")" * 40, "character 33: is nested deeper than 32 levels"),
        ('"\\q"', "character 1: is no JSON string"),
        ('"\\ud800"', "character 1: is no Unicode text"),
        ('ab"c"', "character 3: write text with quotes in it"),
        ('"a"b', "character 4: a space is expected after the quote"),
        ("x:/(/", "character 3: this regular expression is broken: missing ): ("),
        ("x:)", "character 3: a value is expected"),
        ("severity:/x/", "character 10: '/x/' is no level"),
        ("()", "character 2: a word"),
        ("body>x", "character 5: body is compared by : only"),
        ('body:""', "character 6: an empty phrase"),
    ],
)
def test_a_broken_query_is_refused_at_its_place(text: str, what: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        parse(text)
    assert what in str(error.value)
