"""Matchers in Alertmanager's newer syntax: names and values may be any text in quotes."""

import unicodedata
from dataclasses import dataclass
from typing import Final, NoReturn

from alerting.go_strings import unquote
from alerting.matching.matcher import Matcher, Matchers, Operator

_RESERVED: Final = frozenset("{}!=~,\\\"'`")
_SPACES: Final = frozenset("\t\n\v\f\r \x85\xa0")


class BadMatcher(ValueError):
    """The text says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Matchers:
    """Conditions separated by commas, with or without braces around them. Raises BadMatcher."""
    return _Parser(text).whole()


def _is_space(char: str) -> bool:
    return char in _SPACES or unicodedata.category(char)[0] == "Z"


def _tokens(text: str) -> list[_Token]:
    found, at = list[_Token](), 0
    while at < len(text):
        char = text[at]
        if _is_space(char):
            at += 1
            continue
        if char in "{},":
            token = _Token(char, char, at)
        elif char in "=!":
            token = _operator(text, at)
        elif char == '"':
            token = _quoted(text, at)
        elif char in _RESERVED:
            raise BadMatcher(f"{at}:{at + 1}: {char}: invalid input")
        else:
            token = _bare(text, at)
        found.append(token)
        at += len(token.text)
    return found


def _operator(text: str, at: int) -> _Token:
    for operator in ("=~", "!~", "!=", "="):
        if text.startswith(operator, at):
            return _Token("operator", operator, at)
    raise BadMatcher(f"{at}:{at + 1}: !: expected one of '=~'")


def _quoted(text: str, at: int) -> _Token:
    end = at + 1
    while end < len(text) and text[end] != '"':
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise BadMatcher(f'{at}:{len(text)}: {text[at:]}: missing end "')
    return _Token("quoted", text[at : end + 1], at)


def _bare(text: str, at: int) -> _Token:
    end = at
    while end < len(text) and text[end] not in _RESERVED and not _is_space(text[end]):
        end += 1
    return _Token("bare", text[at:end], at)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _tokens(text)

    def whole(self) -> Matchers:
        braces = self._accept("{")
        matchers = list[Matcher]()
        while self._left and self._left[0].kind != "}":
            matchers.append(self._matcher())
            if not self._accept(","):
                break
        if braces and not self._accept("}"):
            self._fail("expected close brace")
        if self._left:
            self._fail(
                "expected opening brace" if self._left[0].kind == "}" else "expected a comma"
            )
        return tuple(matchers)

    def _accept(self, kind: str) -> bool:
        if self._left and self._left[0].kind == kind:
            self._left.pop(0)
            return True
        return False

    def _matcher(self) -> Matcher:
        name = self._word("expected label name")
        if not self._left or self._left[0].kind != "operator":
            self._fail("expected an operator such as '=', '!=', '=~' or '!~'")
        operator = Operator(self._left.pop(0).text)
        value = self._word("expected label value")
        return Matcher(name, operator, value)

    def _word(self, wanted: str) -> str:
        if not self._left or self._left[0].kind not in ("quoted", "bare"):
            self._fail(wanted)
        token = self._left.pop(0)
        if token.kind == "bare":
            return token.text
        try:
            return unquote(token.text)
        except ValueError as error:
            place = f"{token.at}:{token.at + len(token.text)}"
            raise BadMatcher(f"{place}: {token.text}: invalid input: {error}") from error

    def _fail(self, reason: str) -> NoReturn:
        if not self._left:
            raise BadMatcher(f"end of input: {reason}")
        token = self._left[0]
        place = f"{token.at}:{token.at + len(token.text)}"
        raise BadMatcher(f"{place}: unexpected {token.text}: {reason}")
