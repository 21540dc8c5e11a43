"""A template's text in tokens: what lies outside of actions, and the words within."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from alerting.templates.errors import Source


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    OPEN = auto()
    CLOSE = auto()
    STRING = auto()
    NUMBER = auto()
    CHAR = auto()
    VARIABLE = auto()
    FIELD = auto()
    DOT = auto()
    WORD = auto()
    MARK = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token, where it begins, and whether blank space comes before it."""

    kind: Kind
    text: str
    at: int
    spaced: bool = False


_SPACE: Final = " \t\r\n"
_SPACES: Final = re.compile(r"[ \t\r\n]*")
_WORDS: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<STRING>"(?:\\.|[^"\\\n])*"|`[^`]*`)
    |(?P<CHAR>'(?:\\.[^'\n]*|[^'\\\n])')
    |(?P<NUMBER>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
        |(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)\w*)
    |(?P<VARIABLE>\$\w*)
    |(?P<FIELD>\.[^\W\d]\w*)
    |(?P<DOT>\.)
    |(?P<WORD>[^\W\d]\w*)
    |(?P<MARK>:=|[=|(),])""",
    re.VERBOSE,
)


def tokens(source: Source) -> list[Token]:
    """All tokens, the last of which is END. Raises TemplateError."""
    return [*_all(source), Token(Kind.END, "", len(source.text))]


def _all(source: Source) -> Iterator[Token]:
    text, at, trim = source.text, 0, False
    while at < len(text):
        start = text.find("{{", at)
        outside = text[at:] if start < 0 else text[at:start]
        trimmed = outside.lstrip(_SPACE) if trim else outside
        trims_before = start >= 0 and text[start + 2 : start + 3] == "-" and _blank(text, start + 3)
        trimmed = trimmed.rstrip(_SPACE) if trims_before else trimmed
        if trimmed:
            yield Token(Kind.TEXT, trimmed, at)
        if start < 0:
            return
        begin = start + 3 if trims_before else start + 2
        comment = _comment(source, begin, start)
        if comment is None:
            yield Token(Kind.OPEN, "{{", start)
            for token in _action(source, begin, start):
                yield token
                at = token.at
            trim = text[at] == "-"
            at += 3 if trim else 2
        else:
            at, trim = comment


def _blank(text: str, at: int) -> bool:
    return text[at : at + 1] != "" and text[at] in _SPACE


def _behind_space(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _comment(source: Source, begin: int, start: int) -> tuple[int, bool] | None:
    """Where the text goes on behind a comment, and whether it is trimmed there."""
    text = source.text
    trimmed = text.startswith("-", start + 2) and begin == start + 3
    opening = _behind_space(text, begin) if trimmed else begin
    if not text.startswith("/*", opening):
        return None
    end = text.find("*/", opening + 2)
    if end < 0:
        raise source.error(start, "unclosed comment")
    end += 2
    if text.startswith("}}", end):
        return end + 2, False
    close = _behind_space(text, end)
    if close > end and text.startswith("-}}", close):
        return close + 3, True
    raise source.error(start, "comment ends before closing delimiter")


def _action(source: Source, at: int, start: int) -> Iterator[Token]:
    text, spaced = source.text, False
    while True:
        if text.startswith("}}", at):
            yield Token(Kind.CLOSE, "}}", at, spaced)
            return
        if spaced and text.startswith("-}}", at):
            yield Token(Kind.CLOSE, "-}}", at, spaced)
            return
        found = _WORDS.match(text, at)
        if found is None:
            raise source.error(min(at, len(text) - 1), _complaint(text, at))
        if found.lastgroup == "space":
            spaced = True
        else:
            yield Token(Kind[found.lastgroup or ""], found[0], at, spaced)
            spaced = False
        at = found.end()


def _complaint(text: str, at: int) -> str:
    if at >= len(text):
        return "unclosed action"
    if text[at] in "\"'`":
        return "unterminated quoted string"
    return f"unrecognized character in action: {text[at]!r}"
