"""Reading the filter of spans; its fields and operators are described beside its words."""

import json
import re
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, get_args

from alerting.regex import BadRegex, check
from alerting.slo.span_filter import (
    FIELDS,
    HOME,
    KINDS,
    RESERVED,
    STATUSES,
    And,
    Attribute,
    Duration,
    Exists,
    Filter,
    Home,
    Kind,
    Name,
    Not,
    Operator,
    Or,
    Status,
)

EQUALITY: Final = ("=", "!=")
MAX_LENGTH: Final = 4_000
MAX_DEPTH: Final = 50
MAX_DURATION_NS: Final = 1 << 63
_UNITS_NS: Final = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_TOKEN: Final = re.compile(
    r'(?P<space>\s+)|(?P<paren>[()])|(?P<quoted>"(?:[^"\\]|\\.)*")'
    r"|(?P<operator>!=|<=|>=|!~|=|<|>|~)|(?P<word>!exists\b|[^\s()=!<>~\"]+)"
)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)", re.ASCII)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(written: str) -> Filter:
    """The filter. ValueError points at the character that is wrong."""
    if len(written) > MAX_LENGTH:
        raise ValueError(f"a filter has at most {MAX_LENGTH} characters, this has {len(written)}")
    return _Parser(written).whole()


def _tokens(written: str) -> list[_Token]:
    found, at = list[_Token](), 0
    while at < len(written):
        token = _TOKEN.match(written, at)
        if token is None or token.lastgroup is None:
            _fail(written, at, "this character has no meaning here")
        if token.lastgroup != "space":
            found.append(_Token(token.lastgroup, token[0], at))
        at = token.end()
    return [*found, _Token("end", "", len(written))]


class _Parser:
    def __init__(self, written: str) -> None:
        self._written = written
        self._tokens = _tokens(written)
        self._next = 0
        self._depth = 0

    def whole(self) -> Filter:
        found = self._or()
        if self._peek().kind != "end":
            self._wrong("`and`, `or` or the end is expected")
        return found

    def _or(self) -> Filter:
        parts = [self._and()]
        while self._took("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Filter:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Filter:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._wrong(f"more than {MAX_DEPTH} levels of `not` and parentheses")
        if self._took("not"):
            found: Filter = Not(self._one())
        elif self._took("("):
            found = self._or()
            if not self._took(")"):
                self._wrong("`)` is expected")
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _comparison(self) -> Filter:
        field = self._peek()
        if field.kind not in ("word", "quoted") or field.text in RESERVED:
            self._wrong("a field is expected: name, kind, status, duration or an attribute's key")
        self._next += 1
        after = self._peek()
        if after.kind == "word" and after.text in ("exists", "!exists"):
            self._next += 1
            return Exists(*self._attribute(field), negated=after.text == "!exists")
        if after.kind != "operator":
            self._wrong("an operator is expected: = != < <= > >= ~ !~ exists !exists")
        self._next += 1
        value = self._peek()
        if value.kind not in ("word", "quoted"):
            self._wrong("a value is expected")
        self._next += 1
        return self._compared(field, after, value)

    def _compared(self, field: _Token, operator: _Token, value: _Token) -> Filter:
        text = self._text(value)
        symbol: Operator = operator.text  # type: ignore[assignment]
        match field.text:
            case "status":
                return Status(self._equality(operator), self._one_of(value, text, STATUSES))
            case "kind":
                return Kind(self._equality(operator), self._one_of(value, text, KINDS))
            case "duration":
                return Duration(self._ordering(operator), self._duration_ns(value))
        if symbol in ("~", "!~"):
            self._check_pattern(value, text)
        if field.text == "name":
            return Name(symbol, text)
        plain = value.kind == "word" and symbol not in ("~", "!~")
        number = float(text) if plain and _NUMBER.fullmatch(text) else None
        return Attribute(*self._attribute(field), symbol, text, number)

    def _attribute(self, field: _Token) -> tuple[Home, str]:
        if field.kind == "quoted":
            return "", self._text(field)
        if field.text in FIELDS:
            _fail(self._written, field.at, f"{field.text} is always there; quoted it is a key")
        found = HOME.fullmatch(field.text)
        if found is None:
            return "", field.text
        return ("attributes" if found[1] == "attributes" else "resource_attributes"), found[2]

    def _equality(self, operator: _Token) -> Literal["=", "!="]:
        if operator.text not in EQUALITY:
            _fail(self._written, operator.at, "only = and != are possible here")
        return "=" if operator.text == "=" else "!="

    def _ordering(self, operator: _Token) -> Operator:
        if operator.text in ("~", "!~"):
            _fail(self._written, operator.at, "a duration has no pattern")
        return next(one for one in get_args(Operator) if one == operator.text)

    def _one_of(self, value: _Token, text: str, known: tuple[str, ...]) -> str:
        if text.lower() not in known:
            _fail(self._written, value.at, f"one of {', '.join(known)} is expected")
        return text.lower()

    def _duration_ns(self, value: _Token) -> int:
        found = _DURATION.fullmatch(value.text)
        if found is None:
            _fail(self._written, value.at, "a duration with its unit is expected, such as 300ms")
        duration_ns = float(found[1]) * _UNITS_NS[found[2]]
        if duration_ns >= MAX_DURATION_NS:
            _fail(self._written, value.at, "no span lasts so long")
        return round(duration_ns)

    def _check_pattern(self, value: _Token, text: str) -> None:
        try:
            check(text)
        except BadRegex as error:
            _fail(self._written, value.at, str(error))

    def _text(self, token: _Token) -> str:
        if token.kind != "quoted":
            return token.text
        try:
            value: str = json.loads(token.text, strict=False)
        except ValueError:
            _fail(self._written, token.at, "is no JSON string")
        return value

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _took(self, text: str) -> bool:
        found = self._peek().kind in ("word", "paren") and self._peek().text == text
        self._next += found
        return found

    def _wrong(self, what: str) -> NoReturn:
        _fail(self._written, self._peek().at, what)


def _fail(written: str, at: int, what: str) -> NoReturn:
    raise ValueError(f"{written[:200]!r}, character {at + 1}: {what}")
