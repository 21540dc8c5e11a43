"""The filter of spans in an objective: `status != error and duration < 300ms`.

A comparison is `field operator value` or `field exists`. The fields are `name`, `kind`, `status`,
`duration`, and attributes: `attributes.x` is the span's own, `resource_attributes.x` its
resource's, and a bare key is where the semantic conventions have it. Comparisons are joined by
`and`, `or`, `not` and parentheses. Keys and values may be JSON strings in double quotes: a quoted
key is always an attribute, a quoted value always text.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~", "!~"]
Home = Literal["", "attributes", "resource_attributes"]

STATUSES: Final = ("unset", "ok", "error")
KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
FIELDS: Final = ("name", "kind", "status", "duration")
RESERVED: Final = ("and", "or", "not", "exists", "!exists")
HOME: Final = re.compile(r"(resource_attributes|attributes)\.(.+)", re.DOTALL)
_PLAIN_WORD: Final = re.compile(r"[^\s()=!<>~\"]+")


@dataclass(frozen=True)
class Status:
    operator: Literal["=", "!="]
    status: str


@dataclass(frozen=True)
class Kind:
    operator: Literal["=", "!="]
    kind: str


@dataclass(frozen=True)
class Name:
    operator: Operator
    name: str


@dataclass(frozen=True)
class Duration:
    operator: Operator
    duration_ns: int


@dataclass(frozen=True)
class Attribute:
    """`number` is what the value is as a number; None where it was quoted or is none."""

    home: Home
    key: str
    operator: Operator
    text: str
    number: float | None


@dataclass(frozen=True)
class Exists:
    home: Home
    key: str
    negated: bool = False


@dataclass(frozen=True)
class Not:
    part: "Filter"


@dataclass(frozen=True)
class And:
    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Filter", ...]


Filter = Status | Kind | Name | Duration | Attribute | Exists | Not | And | Or


def is_of_rollups(found: Filter | None) -> bool:
    """Whether it is about nothing but what counts of spans are kept by: name, kind, status."""
    match found:
        case None:
            return True
        case Not(part):
            return is_of_rollups(part)
        case And(parts) | Or(parts):
            return all(is_of_rollups(part) for part in parts)
        case _:
            return isinstance(found, Status | Kind | Name)


def text_of(found: Filter) -> str:
    """One way to write the filter, which parses to the same."""
    match found:
        case Status(operator, value) | Kind(operator, value):
            return f"{'status' if isinstance(found, Status) else 'kind'} {operator} {value}"
        case Name(operator, name):
            return f"name {operator} {json.dumps(name)}"
        case Duration(operator, duration_ns):
            return f"duration {operator} {duration_ns}ns"
        case Attribute(home, key, operator, text, number):
            return (
                f"{_key(home, key)} {operator} {text if number is not None else json.dumps(text)}"
            )
        case Exists(home, key, negated):
            return f"{_key(home, key)} {'!exists' if negated else 'exists'}"
        case Not(part):
            return f"not {_nested(part)}"
        case And(parts):
            return " and ".join(_nested(part) for part in parts)
        case Or(parts):
            return " or ".join(_nested(part) for part in parts)


def _nested(part: Filter) -> str:
    return f"({text_of(part)})" if isinstance(part, And | Or) else text_of(part)


def _key(home: Home, key: str) -> str:
    if home:
        return f"{home}.{key}"
    plain = _PLAIN_WORD.fullmatch(key) and not HOME.fullmatch(key)
    return key if plain and key not in (*RESERVED, *FIELDS) else json.dumps(key)
