"""Queries become trees with places; what is no query is refused where it stops being one."""

import pytest

from query.promql.engine import Engine
from query.promql.errors import ParseFailure
from query.promql.memory import MemorySource
from query.promql.parsing.parse import parse
from query.promql.tree import Binary, Call, Edge, Node, Number, Selector, String, Subquery, walk


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "unknown position: parse error: no expression found in input"),
        ("foo bar", '1:5: parse error: unexpected identifier "bar"'),
        ("sum(", "1:5: parse error: unclosed left parenthesis"),
        ("foo)", "1:5: parse error: unexpected right parenthesis ')'"),
        ("foo{", "1:5: parse error: unexpected end of input inside braces"),
        ("1 +", "1:4: parse error: unexpected end of input"),
        ("a +\n  * b", "2:3: parse error: unexpected <op:*>"),
        (
            "1 + rate(foo)",
            '1:10: parse error: expected type range vector in call to function "rate", '
            "got instant vector",
        ),
        ("a + rate()", '1:5: parse error: expected 1 argument(s) in call to "rate", got 0'),
        ("sum(nosuch(a))", '1:5: parse error: unknown function with name "nosuch"'),
        ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        ("foo $ bar", "1:5: parse error: unexpected character: '$'"),
        (
            "sum by foo (bar)",
            '1:8: parse error: unexpected identifier "foo" in grouping opts, expected "("',
        ),
        (
            'topk("a", foo)',
            "1:6: parse error: expected type scalar in aggregation parameter, got string",
        ),
        (
            "sum(1)",
            "1:5: parse error: expected type instant vector in aggregation expression, got scalar",
        ),
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        (
            'foo{__name__="x"}',
            '1:1: parse error: metric name must not be set twice: "foo" or "x"',
        ),
        ('foo{a=~"("}', "1:5: parse error: error parsing regexp: missing closing ): `(`"),
        (
            'foo{a="1" or b="2"}',
            '1:11: parse error: unexpected <op:or> in label matching, expected "," or "}"',
        ),
        ("foo[5x]", '1:5: parse error: bad number or duration syntax: "5"'),
        ("foo[5m5]", '1:5: parse error: bad number or duration syntax: "5m5"'),
        ("1e", '1:1: parse error: bad number or duration syntax: "1e"'),
        (
            "0x",
            '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x": '
            "invalid syntax",
        ),
        ("rate(foo[0s])", "1:10: parse error: duration must be greater than 0"),
        ("rate(foo[5m:0])", "1:13: parse error: duration must be greater than 0"),
        ("foo[-5m]", "1:5: parse error: duration must be greater than 0"),
        ("foo[", "1:5: parse error: unexpected end of input in duration expression"),
        ("foo[5m", "1:7: parse error: unclosed left bracket"),
        ("foo[x]", "1:5: parse error: unexpected character in duration expression: 'x'"),
        ("foo[5m:x]", "1:8: parse error: unexpected character: 'x', expected ':'"),
        ("a[5m:1m:1m]", "1:8: parse error: unexpected colon ':'"),
        ("rate(rate(foo[5m])[5m])", "1:19: parse error: ranges only allowed for vector selectors"),
        ("foo offset 2h1d", '1:12: parse error: not a valid duration string: "2h1d"'),
        (
            "foo offset",
            "1:11: parse error: unexpected end of input in offset, expected number, duration, "
            "step(), or range()",
        ),
        ("foo @ start", "1:12: parse error: unexpected end of input in @, expected timestamp"),
        (
            "foo{bar}",
            '1:8: parse error: unexpected "}" in label matching, expected label matching operator',
        ),
        (
            'foo{a=="b"}',
            '1:7: parse error: unexpected "=" in label matching, expected string',
        ),
        (
            "foo{,}",
            '1:5: parse error: unexpected "," in label matching, expected identifier or "}"',
        ),
        ("foo}", "1:4: parse error: unexpected character: '}'"),
        (
            'foo{a=~"b{1001}"}',
            "1:5: parse error: error parsing regexp: invalid repeat count: `{1001}`",
        ),
        ('foo{a="\\xZZ"}', "1:7: parse error: illegal character U+005A 'Z' in escape sequence"),
        ('"\\q"', "1:1: parse error: unknown escape sequence U+0071 'q'"),
        ('foo{a="b\n"}', "1:7: parse error: unterminated quoted string"),
        ("`abc", "1:1: parse error: unterminated raw string"),
        ("on(a) foo", "1:1: parse error: unexpected <on>"),
        (
            "foo * on(a) group_left(b) group_right(c) bar",
            "1:27: parse error: unexpected <group_right>",
        ),
        ("@", "1:1: parse error: unexpected <op:@>"),
        ("a!", "1:2: parse error: unexpected character after '!': '\ufffd'"),
        ('a=~"b"', "1:2: parse error: unexpected character after '=': '~'"),
        (
            '- "a"',
            "1:1: parse error: unary expression only allowed on expressions of type scalar or "
            'instant vector, got "string"',
        ),
    ],
)
def test_what_is_no_query_is_refused_at_its_place(query: str, message: str) -> None:
    with pytest.raises(ParseFailure) as raised:
        parse(query)
    assert str(raised.value) == message


def _starts(query: str) -> list[tuple[str, int]]:
    return [(type(node).__name__, node.position) for node in walk(parse(query))]


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("foo", [("Selector", 0)]),
        ("1 + foo", [("Binary", 0), ("Number", 0), ("Selector", 4)]),
        (
            'sum by (a) (rate(x{b="("}[5m] offset 1m @ 3))',
            [("Aggregate", 0), ("Call", 12), ("Range", 17), ("Selector", 17)],
        ),
        (
            "topk(3, x) by (a) or (y)",
            [
                ("Binary", 0),
                ("Aggregate", 0),
                ("Number", 5),
                ("Selector", 8),
                ("Paren", 21),
                ("Selector", 22),
            ],
        ),
        (
            "a * on(x) group_left(y) -b # end",
            [("Binary", 0), ("Selector", 0), ("Negative", 24), ("Selector", 25)],
        ),
        (
            "max_over_time((a - -1)[5m:] @ end())",
            [
                ("Call", 0),
                ("Subquery", 14),
                ("Paren", 14),
                ("Binary", 15),
                ("Selector", 15),
                ("Number", 19),
            ],
        ),
    ],
)
def test_nodes_know_where_they_start(query: str, starts: list[tuple[str, int]]) -> None:
    assert _starts(query) == starts


def _selector(query: str) -> Selector:
    node = parse(query)
    assert isinstance(node, Selector)
    return node


def test_times_are_exact() -> None:
    assert _selector("a @ -1.5").at == -1500
    assert _selector("a @ 1e3 offset -5m").at == 1_000_000
    assert _selector("a @ 1e3 offset -5m").offset_ms == -300_000
    assert _selector("a @ 1m").at == 60_000
    assert _selector("a @ end()").at is Edge.END


@pytest.mark.parametrize(
    "query", ["a @ 1e308", "a @ -1e17", "a offset 290000000y", "a[290000000y]", "a[1y:290000000y]"]
)
def test_times_that_do_not_fit_are_refused(query: str) -> None:
    with pytest.raises(ParseFailure, match="out of range"):
        parse(query)


def test_what_the_parser_cannot_read_alone() -> None:
    number, trim = parse("1_000"), parse("a </ 2")
    assert isinstance(number, Number)
    assert isinstance(trim, Binary)
    assert (number.value, trim.operator) == (1000, "</")


def test_bytes_that_are_no_text_stay_apart() -> None:
    string = parse('"a\\xc5z\\u00e9"')
    assert isinstance(string, String)
    assert string.value == "a\udcc5zé"


def test_a_label_may_be_named_like_an_operator() -> None:
    assert [matcher.name for matcher in _selector('{or="1", a="2"}').matchers] == ["or", "a"]


def test_subqueries_keep_their_step() -> None:
    def subquery(node: Node) -> Subquery:
        assert isinstance(node, Subquery)
        return node

    assert subquery(parse("a[5m:1s]")).step_ms == 1000
    assert subquery(parse("a[5m:]")).step_ms is None


def test_experimental_functions_are_known() -> None:
    flags = {
        name: node.experimental
        for name in ("rate", "mad_over_time")
        for node in [parse(f"{name}(a[5m])")]
        if isinstance(node, Call)
    }
    assert flags == {"rate": False, "mad_over_time": True}


@pytest.mark.parametrize(
    "query",
    [
        "(" * 100_000 + "a" + ")" * 100_000,
        "a" + " + a" * 100_000,
        "-" * 100_000 + "a",
        "abs(" * 50_000 + "a" + ")" * 50_000,
        "(" * 300 + "a" + ")" * 300,
        "a" + " ^ a" * 500,
    ],
    ids=["parentheses", "chain", "signs", "calls", "fewer parentheses", "powers"],
)
def test_what_would_overflow_a_stack_is_refused(query: str) -> None:
    with pytest.raises(ParseFailure):
        parse(query)


def test_long_chains_are_evaluated() -> None:
    engine = Engine(MemorySource())
    assert engine.instant("1" + " + 1" * 400, 0).series[0].values.tolist() == [401.0]
    assert engine.instant("a" + " or a" * 400, 0).series == []
