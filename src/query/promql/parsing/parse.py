"""Parses a query with promql-parser and turns its tree into ours, with places."""

from datetime import UTC, datetime, timedelta
from typing import Any

import promql_parser

from query.promql.errors import ParseFailure
from query.promql.labels import METRIC_NAME
from query.promql.parsing.complaints import failure
from query.promql.parsing.cursor import Cursor, Lost
from query.promql.parsing.durations import Durations
from query.promql.parsing.syntax import is_expression
from query.promql.parsing.tokens import EXTENSIONS, readable, tokens
from query.promql.regex import complaint
from query.promql.tree import (
    Aggregate,
    At,
    Binary,
    Call,
    Edge,
    Matcher,
    Matching,
    MatchKind,
    Negative,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    Signature,
    String,
    Subquery,
    depth,
    value_type,
    walk,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# The parser ends the process with its stack at some thousand levels.
MAX_PARTS = 2_000
# Each level of the tree takes some frames of Python's, of which there are a thousand.
MAX_DEPTH = 100
_NESTING = frozenset("([{+-*/%^<>=") | {"==", "!=", "<=", ">=", "</", ">/"}
_NO_QUERY = "invalid promql query"
TRIMS = frozenset({"</", ">/"})
_KINDS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


def parse(query: str, step_ms: int = 0, range_ms: int = 0) -> Node:
    """The tree of a query; step and range are what durations may be computed from.

    Raises ParseFailure.
    """
    if sum(word.text in _NESTING or word.kind == "word" for word in tokens(query)) > MAX_PARTS:
        raise ParseFailure(f"parse error: more than {MAX_PARTS} names, operators and parentheses")
    plain = Durations(step_ms, range_ms).plain(query)
    try:
        parsed = promql_parser.parse(readable(plain))
    except ValueError as error:
        raise failure(query, str(error), _type_of) from error
    _refuse_alternatives(query)
    node = _placed(query, parsed)
    _refuse_leniency(query, node)
    if depth(node) > MAX_DEPTH:
        raise ParseFailure(f"parse error: nested more than {MAX_DEPTH} deep")
    return node


def _placed(query: str, parsed: Any) -> Node:
    try:
        return _node(parsed, Cursor(query))
    except RecursionError:
        raise ParseFailure(f"parse error: nested more than {MAX_DEPTH} deep") from None
    except OverflowError:
        raise ParseFailure("parse error: duration or timestamp out of range") from None
    except Lost:
        if (TRIMS | EXTENSIONS) & {token.text.lower() for token in tokens(query)}:
            raise ParseFailure("parse error: an operator or modifier out of place") from None
        return _node(parsed, Cursor(query, blind=True))


def _refuse_alternatives(query: str) -> None:
    """Refuse `{a="1" or b="2"}`, which the parser takes and Prometheus does not."""
    words = tokens(query)
    if any(word.text.lower() == "or" for word in words) and not is_expression(words):
        raise failure(query, _NO_QUERY, _type_of)


def _refuse_leniency(query: str, node: Node) -> None:
    """The parser knows regular expressions that RE2 does not, and steps without length."""
    for part in walk(node):
        if isinstance(part, Subquery) and part.step_ms == 0:
            raise failure(query, "duration must be greater than 0", _type_of)
        for matcher in part.matchers if isinstance(part, Selector) else ():
            is_regex = matcher.kind in (MatchKind.REGEX, MatchKind.NOT_REGEX)
            if is_regex and complaint(matcher.value):
                raise failure(query, f"illegal regex for {matcher.value}", _type_of)


def _type_of(part: str) -> str | None:
    try:
        return value_type(parse(part))
    except ParseFailure:
        return None


def _node(parsed: Any, cursor: Cursor) -> Node:
    node: Node = _BUILDERS[type(parsed)](parsed, cursor)
    return node


def _ms(duration: timedelta | None) -> int:
    return 0 if duration is None else duration // _MILLISECOND


def _at(modifier: Any, written_ms: int | None) -> At:
    if modifier is None:
        return None
    if modifier.type == promql_parser.AtModifierType.Start:
        return Edge.START
    if modifier.type == promql_parser.AtModifierType.End:
        return Edge.END
    # The parser reads times before 1970 as 1970, so the written number comes first.
    return written_ms if written_ms is not None else (modifier.at - _EPOCH) // _MILLISECOND


def _number(parsed: Any, cursor: Cursor) -> Node:
    position = cursor.position
    cursor.take_signs()
    return Number(position, parsed.val, cursor.take_word() == "duration")


def _string(parsed: Any, cursor: Cursor) -> Node:
    return String(cursor.position, cursor.take_string(parsed.val))


def _matchers(parsed: Any) -> tuple[Matcher, ...]:
    matchers = [
        Matcher(m.name, MatchKind(_KINDS[str(m.op).removeprefix("MatchOp.")]), m.value)
        for m in parsed.matchers.matchers
    ]
    if parsed.name is not None:
        matchers.append(Matcher(METRIC_NAME, MatchKind.EQUAL, parsed.name))
    return tuple(matchers)


def _selector(parsed: Any, cursor: Cursor) -> Selector:
    position = cursor.position
    cursor.take_plus()
    cursor.take_selector()
    at = _at(parsed.at, cursor.take_time_modifiers())
    offset, name = _ms(parsed.offset), parsed.name or ""
    return Selector(position, _matchers(parsed), offset, at, cursor.extension, name)


def _range(parsed: Any, cursor: Cursor) -> Node:
    inner = parsed.vector_selector
    position = cursor.position
    cursor.take_plus()
    cursor.take_selector()
    cursor.take_range()
    at = _at(inner.at, cursor.take_time_modifiers())
    offset, name = _ms(inner.offset), inner.name or ""
    selector = Selector(position, _matchers(inner), offset, at, cursor.extension, name)
    return Range(position, selector, _ms(parsed.range))


def _subquery(parsed: Any, cursor: Cursor) -> Node:
    position = cursor.position
    inner = _node(parsed.expr, cursor)
    cursor.take_range()
    at = _at(parsed.at, cursor.take_time_modifiers())
    if cursor.extension:
        raise ParseFailure(f"parse error: {cursor.extension} modifier is not for subqueries")
    step = None if parsed.step is None else _ms(parsed.step)
    return Subquery(position, inner, _ms(parsed.range), step, _ms(parsed.offset), at)


def _paren(parsed: Any, cursor: Cursor) -> Node:
    position = cursor.position
    cursor.take_plus()
    cursor.take("(")
    inner = _node(parsed.expr, cursor)
    cursor.take(")")
    return Paren(position, inner)


def _negative(parsed: Any, cursor: Cursor) -> Node:
    position = cursor.position
    cursor.take_plus()
    cursor.take("-")
    return Negative(position, _node(parsed.expr, cursor))


def _matching(modifier: Any) -> Matching:
    if modifier is None:
        return Matching()
    cardinality = str(modifier.card).removeprefix("VectorMatchCardinality.")
    labels = modifier.matching
    return Matching(
        many={"ManyToOne": "left", "OneToMany": "right"}.get(cardinality),
        on=labels is not None and labels.type == promql_parser.LabelModifierType.Include,
        labels=tuple(labels.labels) if labels is not None else (),
        include=tuple(modifier.group_labels or ()),
        fill_left=modifier.fill_values.lhs,
        fill_right=modifier.fill_values.rhs,
    )


def _binary(parsed: Any, cursor: Cursor) -> Node:
    position, chain = cursor.position, []
    while isinstance(parsed, promql_parser.BinaryExpr):
        chain.append(parsed)
        parsed = parsed.lhs
    left = _node(parsed, cursor)
    for link in reversed(chain):
        operator = cursor.take_operator() or str(link.op)
        right = _node(link.rhs, cursor)
        modifier = link.modifier
        return_bool = modifier is not None and modifier.return_bool
        scalar = value_type(left) == value_type(right) == "scalar"
        left = Binary(position, operator, left, right, _matching(modifier), return_bool, scalar)
    return left


def _aggregate(parsed: Any, cursor: Cursor) -> Node:
    position = cursor.position
    cursor.take_plus()
    cursor.take_word()
    cursor.take_grouping()
    cursor.take("(")
    parameter = None
    if parsed.param is not None:
        parameter = _node(parsed.param, cursor)
        cursor.take(",")
    inner = _node(parsed.expr, cursor)
    cursor.take_if(",")
    cursor.take(")")
    cursor.take_grouping()
    modifier = parsed.modifier
    without = modifier is not None and modifier.type == promql_parser.AggModifierType.Without
    labels = tuple(modifier.labels) if modifier is not None else ()
    return Aggregate(position, str(parsed.op), inner, parameter, labels, without)


def _call(parsed: Any, cursor: Cursor) -> Node:
    position = cursor.position
    cursor.take_plus()
    cursor.take_word()
    cursor.take("(")
    arguments = []
    for argument in parsed.args:
        arguments.append(_node(argument, cursor))
        cursor.take_if(",")
    cursor.take(")")
    function = parsed.func
    taken = tuple(_type(one) for one in function.arg_types)
    signature = Signature(taken, function.variadic)
    returns, experimental = _type(function.return_type), bool(function.experimental)
    return Call(position, function.name, tuple(arguments), returns, experimental, signature)


def _type(parsed: Any) -> str:
    return str(parsed).removeprefix("ValueType.").lower()


_BUILDERS: dict[type[Any], Any] = {
    promql_parser.NumberLiteral: _number,
    promql_parser.StringLiteral: _string,
    promql_parser.VectorSelector: _selector,
    promql_parser.MatrixSelector: _range,
    promql_parser.SubqueryExpr: _subquery,
    promql_parser.ParenExpr: _paren,
    promql_parser.UnaryExpr: _negative,
    promql_parser.BinaryExpr: _binary,
    promql_parser.AggregateExpr: _aggregate,
    promql_parser.Call: _call,
}
