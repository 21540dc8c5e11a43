"""Arithmetic in windows and offsets: `[5m * 2]`, `offset (step() / 2)`, worked out beforehand.

The parser knows only plain durations, so what is computed is put in their place.
"""

import math
import re
from collections.abc import Callable

from query.promql.errors import ParseFailure
from query.promql.parsing.complaints import place
from query.promql.parsing.tokens import Token, tokens

_UNITS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_WORD = re.compile(
    r"\s*(?:(?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![A-Za-z0-9_]))"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>step|range|min_of|max_of|min|max)(?=\s*\()"
    r"|(?P<sign>[-+*/%^(),]))"
)
_PLAIN = re.compile(
    r"\s*(?:(?:\d+(?:ms|[smhdwy]))+|\d+\.?\d*(?:[eE][+-]?\d+)?|0[xX][\da-fA-F]+)?\s*"
)
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": math.pow,
}
_PICKS: dict[str, Callable[[float, float], float]] = {
    "min": min,
    "max": max,
    "min_of": min,
    "max_of": max,
}


class _Unknown(Exception):
    """Not an arithmetic of durations."""


class _Calculator:
    """Works out one expression, in seconds."""

    def __init__(self, text: str, step_s: float, range_s: float) -> None:
        self._words = self._read(text)
        self._at = 0
        self._queried = {"step": step_s, "range": range_s}

    def _read(self, text: str) -> list[tuple[str, str]]:
        found, at = [], 0
        while text[at:].strip():
            match = _WORD.match(text, at)
            if match is None:
                raise _Unknown
            found.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
            at = match.end()
        return found

    def value(self) -> float:
        """The whole expression. Raises _Unknown and ZeroDivisionError."""
        value = self._sum()
        if self._at < len(self._words):
            raise _Unknown
        return value

    def _peek(self) -> str:
        return self._words[self._at][1] if self._at < len(self._words) else ""

    def _take(self, text: str) -> None:
        if self._peek() != text:
            raise _Unknown
        self._at += 1

    def _chain(self, signs: str, part: Callable[[], float]) -> float:
        value = part()
        while self._peek() and self._peek() in signs:
            sign = self._peek()
            self._at += 1
            value = _OPERATIONS[sign](value, part())
        return value

    def _sum(self) -> float:
        return self._chain("+-", self._product)

    def _product(self) -> float:
        return self._chain("*/%", self._signed)

    def _signed(self) -> float:
        if self._peek() in ("+", "-"):
            sign = -1 if self._peek() == "-" else 1
            self._at += 1
            return sign * self._signed()
        return self._power()

    def _power(self) -> float:
        value = self._operand()
        if self._peek() == "^":
            self._at += 1
            value = _OPERATIONS["^"](value, self._signed())
        return value

    def _operand(self) -> float:
        if self._at >= len(self._words):
            raise _Unknown
        kind, text = self._words[self._at]
        self._at += 1
        if kind == "duration":
            return sum(int(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))
        if kind == "number":
            return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
        if kind == "name":
            return self._called(text)
        if text != "(":
            raise _Unknown
        value = self._sum()
        self._take(")")
        return value

    def _called(self, name: str) -> float:
        self._take("(")
        if name in self._queried:
            self._take(")")
            return self._queried[name]
        first = self._sum()
        self._take(",")
        value = _PICKS[name](first, self._sum())
        self._take(")")
        return value


class Durations:
    """Puts plain durations in the place of computed ones, for a query's step and range."""

    def __init__(self, step_ms: int, range_ms: int) -> None:
        self._step_s, self._range_s = step_ms / 1000, range_ms / 1000

    def plain(self, query: str) -> str:
        """The query without arithmetic in windows and offsets. Raises ParseFailure."""
        parts, last = [], 0
        for start, end, is_offset in _places(query):
            text = query[start:end]
            try:
                plain = self._offset(text) if is_offset else self._window(text)
            except ParseFailure as error:
                raise ParseFailure(f"{place(query, start)}: {error}") from error
            parts += [query[last:start], plain]
            last = end
        return "".join((*parts, query[last:]))

    def _milliseconds(self, text: str) -> int | None:
        try:
            return round(_Calculator(text, self._step_s, self._range_s).value() * 1000)
        except _Unknown:
            return None
        except (ZeroDivisionError, OverflowError, ValueError):
            raise ParseFailure("parse error: division by zero") from None

    def _window(self, text: str) -> str:
        parts = [self._part(part) for part in _split(text)]
        return ":".join(parts)

    def _part(self, text: str) -> str:
        if _PLAIN.fullmatch(text):
            return text
        found = self._milliseconds(text)
        if found is None:
            return text
        if found <= 0:
            raise ParseFailure("parse error: duration must be greater than 0")
        return f"{found}ms"

    def _offset(self, text: str) -> str:
        found = self._milliseconds(text)
        if found is None:
            return text
        return f"-{-found}ms" if found < 0 else f"{found}ms"


def is_computed(query: str) -> bool:
    """Whether a window or an offset is arithmetic. Raises ParseFailure."""
    return Durations(1000, 1000).plain(query) != query


def _split(text: str) -> list[str]:
    """The text between colons that are in no parentheses."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == ":" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _places(query: str) -> list[tuple[int, int, bool]]:
    """Where windows and computed offsets are, and which of the two."""
    found, words, index = [], tokens(query), 0
    while index < len(words):
        text = words[index].text
        if text == "[":
            end = _closing(words, index, "[", "]")
            if end is not None:
                found.append((words[index].start + 1, words[end].start, False))
                index = end
        elif text.lower() == "offset":
            span = _computed_offset(words, index + 1)
            if span is not None:
                found.append((words[index + 1].start, words[span].start + 1, True))
                index = span
        index += 1
    return found


def _computed_offset(words: list[Token], first: int) -> int | None:
    """The word that ends an offset in parentheses or a call, None for a plain one."""
    at = first
    while at < len(words) and words[at].text in ("+", "-"):
        at += 1
    if at < len(words) and words[at].kind == "word":
        at += 1
    if at >= len(words) or words[at].text != "(":
        return None
    return _closing(words, at, "(", ")")


def _closing(words: list[Token], first: int, opening: str, closing: str) -> int | None:
    depth = 0
    for index in range(first, len(words)):
        depth += (words[index].text == opening) - (words[index].text == closing)
        if depth == 0:
            return index
    return None
