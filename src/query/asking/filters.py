"""Filters of attributes as clients write them: `http.response.status_code>=500`, `env exists`.

One filter is `key operator value`, or `key exists`. A key may be given a home, as in SQL:
`attributes.x` is the item's own, `resource_attributes.x` its resource's; without one it is where
the semantic conventions have it, or the item's attribute, else its resource's. Keys and values may
be JSON strings in double quotes: a quoted value is always text. One that begins with `=` or `~` is
quoted, so that the `==` and `=~` of other languages are not taken for values.
"""

import json
import re
from typing import Annotated, Final, Literal, NamedTuple, get_args

from pydantic import Field

from goldeneye import limits
from goldeneye.errors import InvalidRequest
from query.asking.regular_expression import fault

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~", "!~", "exists", "!exists"]
Home = Literal["", "attributes", "resource_attributes"]

# The parameter of routes that takes them.
Written = Annotated[list[str], Field(max_length=limits.MAX_ATTRIBUTE_FILTERS)]

OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
_KEY: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s=!<>~"]+')
_SYMBOL: Final = re.compile(r"\s*(!=|<=|>=|!~|=|<|>|~)\s*")
_EXISTENCE: Final = re.compile(r"\s+(!?exists)\s*")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_HOME: Final = re.compile(r"(resource_attributes|attributes)\.(.+)", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Filter(NamedTuple):
    """`text` is the value as text, `number` what it is as a number, both None for existence.

    `number` is None where the value was quoted or is none.
    """

    home: Home
    key: str
    operator: Operator
    text: str | None
    number: float | None


def parse_filter(written: str, name: str = "attribute") -> Filter:
    """The filter; raises InvalidRequest that names the parameter and points at the character."""
    found = _KEY.match(written)
    if found is None:
        raise _broken(written, 0, "a key is expected", name)
    home, key = _home(_unquoted(found[0], written, 0, name), found[0].startswith('"'))
    at = found.end()
    if existence := _EXISTENCE.fullmatch(written, at):
        return Filter(home, key, "exists" if existence[1] == "exists" else "!exists", None, None)
    symbol = _SYMBOL.match(written, at)
    if symbol is None:
        words = "an operator is expected: = != < <= > >= ~ !~ exists !exists"
        raise _broken(written, at, words, name)
    if written.startswith(("=", "~"), symbol.end()):
        words = "the operators are = != < <= > >= ~ !~; a value that begins so is written in quotes"
        raise _broken(written, symbol.end(), words, name)
    operator: Operator = symbol[1]  # type: ignore[assignment]
    return _compared(home, key, operator, written, symbol.end(), name)


def _compared(home: Home, key: str, operator: Operator, written: str, at: int, name: str) -> Filter:
    text = written[at:]
    if text.startswith('"'):
        quoted = _QUOTED.match(text)
        if quoted is None or quoted.end() != len(text):
            raise _broken(written, at, "the quoted value does not end where the filter does", name)
        text, number = _unquoted(text, written, at, name), None
    else:
        number = float(text) if _NUMBER.fullmatch(text.strip()) else None
    if operator in ("~", "!~"):
        number = None
        if broken := fault(text):
            raise _broken(written, at, f"this regular expression is broken: {broken}", name)
    return Filter(home, key, operator, text, number)


def parse_key(written: str, name: str) -> tuple[Home, str]:
    """Home and key of an attribute that is named without a filter: here all characters may stand.

    Raises InvalidRequest that names the parameter.
    """
    quoted = _QUOTED.fullmatch(written) is not None
    return _home(_unquoted(written, written, 0, name) if quoted else written, quoted)


def _home(key: str, quoted: bool) -> tuple[Home, str]:
    found = None if quoted else _HOME.fullmatch(key)
    if found is None:
        return "", key
    return ("attributes" if found[1] == "attributes" else "resource_attributes"), found[2]


def _unquoted(text: str, written: str, at: int, name: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        value: str = json.loads(text, strict=False)
        value.encode()
    except UnicodeEncodeError:
        raise _broken(written, at, "is no Unicode text", name) from None
    except ValueError:
        raise _broken(written, at, "is no JSON string", name) from None
    return value


def _broken(written: str, at: int, what: str, name: str) -> InvalidRequest:
    shown = written if len(written) <= 200 else f"{written[:200]}…"
    return InvalidRequest(f"{name}: {shown!r}, character {at + 1}: {what}")
