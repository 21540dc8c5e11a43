"""The query language of log records, from text to tree.

query   = and ("OR" and)*
and     = part ("AND"? part)*
part    = "-" part | "NOT" part | "(" query ")" | term
term    = word | "phrase" | /regular expression/ | key:value | key:* | key>=value (> < <=)
"""

import json
import re
from typing import Final, NoReturn

from goldeneye.errors import InvalidRequest
from query.asking.filters import Filter, Home, Operator
from query.asking.regular_expression import fault
from query.logs.expression import (
    EVERYTHING,
    And,
    Attribute,
    Comparison,
    Expression,
    Field,
    FieldName,
    Not,
    Or,
    Pattern,
    Severity,
    Text,
)
from query.logs.ids import checked_id
from query.logs.severity import numbers

MAX_CHARS: Final = 4_096
# Each term is a pass over the text of all rows.
MAX_TERMS: Final = 64
_MAX_DEPTH: Final = 32

_SPACE: Final = re.compile(r"\s*")
_KEY: Final = re.compile(r'("(?:[^"\\]|\\.)*"|[A-Za-z_@](?:[\w.\-/@]*\w)?)(:|>=|<=|>|<)', re.DOTALL)
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PATTERN: Final = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_BARE: Final = re.compile(r'[^\s()"]+')
_ENDS: Final = re.compile(r"(?=[\s)])|\Z")
_HOME: Final = re.compile(r"(resource_attributes|attributes)\.(.+)", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FIELDS: Final[dict[str, FieldName]] = {
    "service": "service_name",
    "service_name": "service_name",
    "trace_id": "trace_id",
    "span_id": "span_id",
    "event_name": "event_name",
    "scope_name": "scope_name",
}


def parse(written: str, name: str = "query") -> Expression:
    """The tree; EVERYTHING of an empty text.

    Raises InvalidRequest that names the parameter and points at the character.
    """
    return _Parser(written, name).query()


class _Parser:
    """Goes through the text once; `_at` is where it is."""

    def __init__(self, written: str, name: str) -> None:
        self._written = written
        self._name = name
        self._at = 0
        self._terms = 0
        self._depth = 0

    def query(self) -> Expression:
        if len(self._written) > MAX_CHARS:
            self._at = MAX_CHARS
            self._broken(f"a query has at most {MAX_CHARS} characters")
        self._skip()
        if self._at == len(self._written):
            return EVERYTHING
        found = self._any()
        if self._at < len(self._written):
            self._broken("nothing was opened that this closes")
        return found

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._keyword("OR"):
            parts.append(self._all())
        flat = [one for part in parts for one in (part.parts if isinstance(part, Or) else [part])]
        return flat[0] if len(flat) == 1 else Or(tuple(flat))

    def _all(self) -> Expression:
        parts = [self._part()]
        while self._keyword("AND") or not self._is_over():
            parts.append(self._part())
        flat = [one for part in parts for one in (part.parts if isinstance(part, And) else [part])]
        return flat[0] if len(flat) == 1 else And(tuple(flat))

    def _is_over(self) -> bool:
        """Whether no further part can follow here."""
        self._skip()
        return self._at == len(self._written) or self._here() == ")" or self._is_word("OR")

    def _part(self) -> Expression:
        self._skip()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._broken(f"is nested deeper than {_MAX_DEPTH} levels")
        if self._here() == "-" or self._is_word("NOT"):
            self._at += 1 if self._here() == "-" else len("NOT")
            found: Expression = Not(self._part())
        elif self._here() == "(":
            found = self._parenthesis()
        else:
            found = self._term()
        self._depth -= 1
        return found

    def _parenthesis(self) -> Expression:
        opened = self._at
        self._at += 1
        found = self._any()
        if self._here() != ")":
            self._broken("this parenthesis is not closed", opened)
        self._at += 1
        self._skip()
        return found

    def _term(self) -> Expression:
        self._terms += 1
        if self._terms > MAX_TERMS:
            self._broken(f"a query has at most {MAX_TERMS} terms")
        here = self._here()
        if here in ("", ")") or self._is_word("OR") or self._is_word("AND"):
            self._broken('a word, a "phrase", a /regular expression/ or key:value is expected')
        if key := _KEY.match(self._written, self._at):
            found = self._compared(key)
        elif here == "/":
            found = Pattern(self._pattern())
        elif here == '"':
            found = self._text()
        else:
            found = Text(self._bare())
        self._skip()
        return found

    def _text(self) -> Text:
        at, text = self._at, self._quoted()
        if not text:
            self._broken("an empty phrase is in every record", at)
        return Text(text)

    def _compared(self, key: re.Match[str]) -> Expression:
        start, self._at = self._at, key.end()
        quoted = key[1].startswith('"')
        name = self._unquoted(key[1], start) if quoted else key[1]
        operator: Comparison = key[2]  # type: ignore[assignment]
        if not quoted and name == "severity":
            return self._severity(operator)
        if not quoted and name == "body":
            return self._body(operator, key.start(2))
        if not quoted and name in _FIELDS:
            return self._field(_FIELDS[name], operator, key.start(2))
        home = None if quoted else _HOME.fullmatch(name)
        if home is None:
            return Attribute(self._filter("", name, operator))
        is_own = home[1] == "attributes"
        return Attribute(
            self._filter("attributes" if is_own else "resource_attributes", home[2], operator)
        )

    def _body(self, operator: Comparison, at: int) -> Text | Pattern:
        if operator != ":":
            self._broken("body is compared by : only", at)
        if self._here() == "/":
            return Pattern(self._pattern())
        return self._text() if self._here() == '"' else Text(self._bare())

    def _severity(self, operator: Comparison) -> Severity:
        at, level = self._at, self._value()
        try:
            numbers(level)
        except InvalidRequest as error:
            self._broken(str(error), at)
        return Severity(operator, level)

    def _field(self, name: FieldName, operator: Comparison, at: int) -> Field:
        if operator != ":":
            self._broken(f"{name} is compared by : only", at)
        at = self._at
        if self._here() == "/":
            return Field(name, "~", self._pattern())
        is_bare = self._here() != '"'
        value = self._value()
        if is_bare and value == "*":
            return Field(name, "exists", None)
        if name in ("trace_id", "span_id"):
            try:
                value = checked_id(name, value)
            except InvalidRequest as error:
                self._broken(str(error), at)
        return Field(name, "=", value)

    def _filter(self, home: Home, key: str, comparison: Comparison) -> Filter:
        operator: Operator = "=" if comparison == ":" else comparison
        if operator == "=" and self._here() == "/":
            return Filter(home, key, "~", self._pattern(), None)
        is_bare = self._here() != '"'
        value = self._value()
        if is_bare and value == "*" and operator == "=":
            return Filter(home, key, "exists", None, None)
        is_number = is_bare and _NUMBER.fullmatch(value)
        return Filter(home, key, operator, value, float(value) if is_number else None)

    def _value(self) -> str:
        return self._quoted() if self._here() == '"' else self._bare()

    def _bare(self) -> str:
        found = _BARE.match(self._written, self._at)
        if found is None:
            self._broken("a value is expected")
        self._at = found.end()
        self._must_end('write text with quotes in it as "a phrase", its quotes as \\"')
        return found[0]

    def _quoted(self) -> str:
        found = _QUOTED.match(self._written, self._at)
        if found is None:
            self._broken("this quote is not closed")
        start, self._at = self._at, found.end()
        self._must_end("a space is expected after the quote")
        return self._unquoted(found[0], start)

    def _unquoted(self, text: str, at: int) -> str:
        try:
            value: str = json.loads(text, strict=False)
        except ValueError:
            self._broken("is no JSON string", at)
        if not value.isprintable():
            self._checked_unicode(value, at)
        return value

    def _checked_unicode(self, value: str, at: int) -> None:
        try:
            value.encode()
        except UnicodeEncodeError:
            self._broken("is no Unicode text", at)

    def _pattern(self) -> str:
        found = _PATTERN.match(self._written, self._at)
        if found is None:
            self._broken('this regular expression is not closed; write a path in quotes: "/cart"')
        start, self._at = self._at, found.end()
        self._must_end('a regular expression ends here; write a path in quotes: "/cart/1"')
        pattern = found[1].replace(r"\/", "/")
        broken = fault(pattern)
        if broken is not None:
            self._broken(f"this regular expression is broken: {broken}", start)
        return pattern

    def _must_end(self, hint: str) -> None:
        if _ENDS.match(self._written, self._at) is None:
            self._broken(hint)

    def _keyword(self, word: str) -> bool:
        found = self._is_word(word)
        if found:
            self._at += len(word)
            self._skip()
        return found

    def _is_word(self, word: str) -> bool:
        end = self._at + len(word)
        return self._written[self._at : end] == word and bool(_WORD_ENDS.match(self._written, end))

    def _here(self) -> str:
        return self._written[self._at : self._at + 1]

    def _skip(self) -> None:
        found = _SPACE.match(self._written, self._at)
        assert found is not None
        self._at = found.end()

    def _broken(self, what: str, at: int | None = None) -> NoReturn:
        place = self._at if at is None else at
        shown = self._written if len(self._written) <= 200 else f"{self._written[:200]}…"
        raise InvalidRequest(f"{self._name}: {shown!r}, character {place + 1}: {what}")


_WORD_ENDS: Final = re.compile(r"(?=[\s()])|\Z")
