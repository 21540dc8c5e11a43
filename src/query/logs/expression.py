"""What a query of log records says, as a tree; and how that is written."""

import json
from dataclasses import dataclass
from typing import Final, Literal

from query.asking.filters import Filter

FieldName = Literal["service_name", "trace_id", "span_id", "event_name", "scope_name"]
FieldOperator = Literal["=", "~", "exists"]
Comparison = Literal[":", ">=", "<=", ">", "<"]

_SIGNS: Final = {"=": ":", "~": ":"}


@dataclass(frozen=True)
class Text:
    """The body has this text in it."""

    text: str


@dataclass(frozen=True)
class Pattern:
    """The body has text that this regular expression matches."""

    pattern: str


@dataclass(frozen=True)
class Field:
    """A column's value; `text` is None for existence."""

    name: FieldName
    operator: FieldOperator
    text: str | None


@dataclass(frozen=True)
class Severity:
    """The level, compared with a word or number as it was written."""

    operator: Comparison
    level: str


@dataclass(frozen=True)
class Attribute:
    """An attribute of the record, else of its resource."""

    filter: Filter


@dataclass(frozen=True)
class Not:
    part: "Expression"


@dataclass(frozen=True)
class And:
    """All of at least two parts, or of none: everything."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Expression", ...]


Expression = Text | Pattern | Field | Severity | Attribute | Not | And | Or
EVERYTHING: Final = And(())


def printed(expression: Expression) -> str:
    """A text that parser.parse makes the same tree of."""
    match expression:
        case And(parts):
            return " ".join(_inner(part) for part in parts)
        case Or(parts):
            return " OR ".join(_inner(part) for part in parts)
        case Not(part):
            return f"-{_inner(part)}"
        case Text(text):
            return json.dumps(text)
        case Pattern(pattern):
            return f"/{pattern.replace('/', _ESCAPED)}/"
        case Severity(operator, level):
            return f"severity{operator}{level}"
        case Field(name, operator, text):
            return name + _value(operator, text, quoted=True)
        case Attribute(filter):
            return _attribute(filter)


_ESCAPED: Final = r"\/"


def _inner(expression: Expression) -> str:
    text = printed(expression)
    return f"({text})" if isinstance(expression, And | Or) else text


def _attribute(filter: Filter) -> str:
    key = f"{filter.home}.{filter.key}" if filter.home else json.dumps(filter.key)
    return key + _value(filter.operator, filter.text, quoted=filter.number is None)


def _value(operator: str, text: str | None, quoted: bool) -> str:
    if text is None:
        return ":*"
    if operator == "~":
        return f":/{text.replace('/', _ESCAPED)}/"
    return _SIGNS.get(operator, operator) + (json.dumps(text) if quoted else text)
