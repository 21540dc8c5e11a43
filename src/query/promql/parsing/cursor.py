"""Walks the words of a query beside the parser's tree, so that each node gets its place."""

import math

from query.promql.parsing.tokens import EXTENSIONS, Token, tokens, unquoted

_MODIFIERS = frozenset(
    {"bool", "on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right"}
)
# Milliseconds are to fit 64 bits.
_MAX_S = 2**63 / 1000
_OPENING = {"(": ")", "[": "]", "{": "}"}


class Lost(Exception):
    """The words do not run beside the tree; the query is evaluated without places."""


class Cursor:
    """A place among the words of a query; a blind one answers 0 and takes nothing."""

    def __init__(self, query: str, blind: bool = False) -> None:
        self._tokens = tokens(query)
        self._next = 0
        self._blind = blind
        self.extension = ""

    @property
    def position(self) -> int:
        """The character where the next word starts."""
        return 0 if self._blind else self._peek().start

    def _peek(self) -> Token:
        if self._next >= len(self._tokens):
            raise Lost
        return self._tokens[self._next]

    def _sees(self, *texts: str) -> bool:
        if self._blind or self._next >= len(self._tokens):
            return False
        return self._tokens[self._next].text.lower() in texts

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def take(self, text: str) -> None:
        """Go past this word. Raises Lost where it is another."""
        if not self._blind and self._take().text != text:
            raise Lost

    def take_if(self, text: str) -> None:
        """Go past this word where it is the next one."""
        if self._sees(text):
            self._next += 1

    def take_word(self) -> str:
        """Go past any one word and answer its kind, empty where it is not known."""
        return "" if self._blind else self._take().kind

    def take_signs(self) -> None:
        """Go past signs that belong to a number or mean nothing."""
        while self._sees("+", "-"):
            self._next += 1

    def take_plus(self) -> None:
        """Go past plus signs, which the parser drops."""
        while self._sees("+"):
            self._next += 1

    def take_string(self, otherwise: str) -> str:
        """Go past a quoted string and answer what it stands for."""
        return otherwise if self._blind else unquoted(self._take().text)

    def _take_group(self) -> None:
        closing = [_OPENING[self._take().text]]
        while closing:
            text = self._take().text
            if text == closing[-1]:
                closing.pop()
            elif text in _OPENING:
                closing.append(_OPENING[text])

    def take_selector(self) -> None:
        """Go past a metric's name and its matchers."""
        if self._blind:
            return
        if not self._sees("{"):
            self._take()
        if self._sees("{"):
            self._take_group()

    def take_range(self) -> None:
        """Go past `[…]`."""
        if self._blind:
            return
        if not self._sees("["):
            raise Lost
        self._take_group()

    def take_grouping(self) -> None:
        """Go past `by (…)` or `without (…)` where it comes next."""
        if self._sees("by", "without"):
            self._next += 1
            self._take_group()

    def take_operator(self) -> str | None:
        """Go past a binary operator and its modifiers; answers the operator where it can."""
        if self._blind:
            return None
        operator = self._take().text.lower()
        while self._sees(*_MODIFIERS):
            self._next += 1
            if self._sees("("):
                self._take_group()
        return operator

    def take_time_modifiers(self) -> int | None:
        """Go past `offset`, `@` and what extends a window, which `extension` then tells.

        Answers the time written behind `@`, in ms.
        """
        at: int | None = None
        self.extension = ""
        while self._sees("offset", "@", *EXTENSIONS):
            word = self._take().text.lower()
            if word in EXTENSIONS:
                self.extension = word
                continue
            is_at = word == "@"
            sign = -1 if self._sees("-") else 1
            self.take_signs()
            token = self._peek()
            if token.text != "(":
                self._take()
            if self._sees("("):
                self._take_group()
            elif is_at:
                at = _milliseconds(token, sign)
        return at


def _milliseconds(token: Token, sign: int) -> int | None:
    if token.kind != "number":
        return None
    text = token.text.replace("_", "")
    seconds = float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
    if not abs(seconds) < _MAX_S:
        raise OverflowError
    return sign * math.floor(seconds * 1000 + 0.5)
