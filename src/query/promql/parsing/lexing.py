"""What Prometheus says of words that are none, where the parser says it otherwise or elsewhere."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from query.promql.labels import quoted
from query.promql.parsing.syntax import Checker, Unexpected
from query.promql.parsing.tokens import Token

# A complaint and the character it is about.
Found = tuple[str, int]
_NUMBER: Final = re.compile(r"ParseFloatError\. (\S+) can't be parsed")
_SYNTAX: Final = re.compile(r"number or duration syntax: (\S+)")
_OFFSET: Final = re.compile(r"not a valid duration string: (\S+)")
_ZERO: Final = re.compile(r"[\[:]\s*((?:0+(?:ms|[smhdwy]))+|0+(?:\.0*)?)\s*[\]:]")
_OTHER_NUMBER: Final = re.compile(r"0[xX]|\d+(?:\.\d*)?[eE][+-]?\d+")
_UNIT: Final = re.compile(r"(?:ms|[smhdwy])")
_ESCAPES: Final = re.compile(
    r"""\\(?:x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[abfnrtv\\'"])"""
)
_DIGITS: Final = {"x": 2, "u": 4, "U": 8}
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def lexed(query: str, words: list[Token], message: str) -> Found | None:
    """Prometheus's complaint in the place of this one; None where nothing is known of it."""
    for known, find in _FINDERS:
        if known in message:
            return find(query, words, message)
    return None


def _number(query: str, _: list[Token], message: str) -> Found | None:
    found = _NUMBER.search(message)
    if found is None:
        return None
    text = found.group(1)
    at = max(query.find(text), 0)
    if text.lower().startswith("0x"):
        words = f"error parsing number: strconv.ParseFloat: parsing {quoted(text)}: invalid syntax"
        return words, at
    return f"bad number or duration syntax: {quoted(text)}", at


def _duration(query: str, _: list[Token], message: str) -> Found | None:
    found = _SYNTAX.search(message)
    if found is None:
        return None
    text = found.group(1).strip("\"'")
    at = max(query.find(text), 0)
    return f"bad number or duration syntax: {quoted(_as_read(text))}", at


def _as_read(text: str) -> str:
    """As far as Prometheus reads it before it gives up: one character beyond a whole duration."""
    if number := _OTHER_NUMBER.match(text):
        return number.group()
    at = 0
    while digits := re.compile(r"\d+").match(text, at):
        unit = _UNIT.match(text, digits.end())
        if unit is None:
            return text if "." in text else text[: digits.end()]
        at = unit.end()
    return text[: at + 1]


def _offset(query: str, _: list[Token], message: str) -> Found | None:
    found = _OFFSET.search(message)
    if found is None:
        return None
    text = found.group(1).strip("\"'")
    return f"not a valid duration string: {quoted(text)}", max(query.find(text), 0)


def _zero(query: str, _: list[Token], message: str) -> Found | None:
    found = _ZERO.search(query)
    return None if found is None else (message, found.start(1))


def _window(query: str, words: list[Token], message: str) -> Found:
    opened = bool(words) and words[-1].text in ("[", ":")
    said = "unexpected end of input in duration expression" if opened else "unclosed left bracket"
    return said, len(query)


def _range(_: str, words: list[Token], message: str) -> Found | None:
    """The bracket behind what is no selector."""
    for before, word in pairwise(words):
        if word.text == "[" and before.kind != "word" and before.text != "}":
            return message, word.start
    return None


def _colon(query: str, words: list[Token], message: str) -> Found | None:
    opened = next((word.start for word in words if word.text == "["), None)
    if opened is None:
        return None
    first = query.find(":", opened)
    return "unexpected colon ':'", query.find(":", first + 1)


def _strange(query: str, words: list[Token], message: str) -> Found | None:
    """A character that is no part of a window."""
    char = message[-2]
    opened = next((word.start for word in words if word.text == "["), None)
    at = -1 if opened is None else query.find(char, opened)
    if at < 0:
        return None
    if ":" in query[opened:at]:
        return f"unexpected character: '{char}', expected ':'", at
    return f"unexpected character in duration expression: '{char}'", at


def _no_offset(query: str, words: list[Token], message: str) -> Found | None:
    try:
        Checker(words).check()
    except Unexpected as unexpected:
        token = unexpected.token
        return unexpected.text, len(query) if token is None else token.start
    return None


def _end(query: str, _: list[Token], message: str) -> Found:
    return "unexpected character after '!': '\ufffd'", len(query.rstrip()) - 1


def _brace(query: str, words: list[Token], message: str) -> Found:
    depth = 0
    for word in words:
        depth += (word.text == "{") - (word.text == "}")
        if depth < 0:
            return "unexpected character: '}'", word.start
    return "unexpected character: '}'", max(query.find("}"), 0)


def _unterminated(_: str, words: list[Token], message: str) -> Found:
    quote = next((word for word in words if word.text in "\"'`"), None)
    raw = quote is not None and quote.text == "`"
    said = "unterminated raw string" if raw else "unterminated quoted string"
    return said, 0 if quote is None else quote.start


def _escape(_: str, words: list[Token], message: str) -> Found | None:
    """The first string that Prometheus cannot read."""
    for word in words:
        if word.kind != "string" or word.text[0] == "`":
            continue
        rest = _ESCAPES.sub(lambda escape: "_" * len(escape.group()), word.text)
        line, wrong = rest.find("\n"), rest.find("\\")
        if line >= 0 and (wrong < 0 or line < wrong):
            return "unterminated quoted string", word.start
        if wrong >= 0:
            return _wrong_escape(word.text[wrong + 1 :]), word.start
    return None


def _wrong_escape(text: str) -> str:
    """Of what stands behind the backslash."""
    kind = text[0]
    if kind not in _DIGITS:
        return f"unknown escape sequence U+{ord(kind):04X} '{kind}'"
    wrong = next(char for char in text[1 : 2 + _DIGITS[kind]] if char not in _HEX)
    return f"illegal character U+{ord(wrong):04X} '{wrong}' in escape sequence"


_FINDERS: Final[tuple[tuple[str, Callable[[str, list[Token], str], Found | None]], ...]] = (
    ("ParseFloatError", _number),
    ("number or duration syntax", _duration),
    ("not a valid duration string", _offset),
    ("duration must be greater than 0", _zero),
    ("end of input inside brackets", _window),
    ("ranges only allowed", _range),
    ("unexpected second colon", _colon),
    ("can not be at the end", _end),
    ("unexpected right brace", _brace),
    ("unterminated quoted string", _unterminated),
    ("invalid syntax", _escape),
    ("escape sequence", _escape),
    ("character inside brackets", _strange),
    ("in offset, expected duration", _no_offset),
)
