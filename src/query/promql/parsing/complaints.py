"""Turns the parser's complaints into Prometheus's, with the place in the query."""

import re
from collections.abc import Callable, Collection
from itertools import pairwise

from query.promql.errors import ParseFailure
from query.promql.parsing.lexing import lexed
from query.promql.parsing.syntax import AGGREGATIONS, OPERATORS, Checker, Unexpected
from query.promql.parsing.tokens import Token, tokens, unquoted
from query.promql.regex import complaint

_TYPES = {
    "vector": "instant vector",
    "matrix": "range vector",
    "scalar": "scalar",
    "string": "string",
}
_TYPE_ERROR = re.compile(r"expected type (\w+) in call to function '(\w+)', got (\w+)")
_NAMED = re.compile(r"(?:in call to|function with name) '([^']+)'")
_AGGREGATION = re.compile(r"expected type (\w+) in aggregation expression, got (\w+)")
_REGEX = re.compile(r"illegal regex for (.*)", re.DOTALL)
_PARAMETER = re.compile(r"(type (?:scalar|string) in aggregation) expression")
# What the words themselves tell better.
_SYNTAX = re.compile(r"invalid promql query|label match|in label matching|unexpected '?\"?@")
_CLOSING = {")": "(", "]": "[", "}": "{"}


def failure(query: str, message: str, type_of: Callable[[str], str | None]) -> ParseFailure:
    """The error for a query; `type_of` tells the type of a part, None where it has none."""
    if not query.strip():
        return ParseFailure("unknown position: parse error: no expression found in input")
    words = tokens(query)
    known = lexed(query, words, message)
    if known is not None:
        return ParseFailure(f"{place(query, known[1])}: parse error: {known[0]}")
    if _SYNTAX.search(message):
        try:
            Checker(words).check()
        except Unexpected as unexpected:
            token = unexpected.token
            message, at = unexpected.text, len(query) if token is None else token.start
        else:
            message = message.replace("invalid promql query", "invalid expression")
            at = _place(query, words, message, type_of)
    else:
        at = _place(query, words, message, type_of)
    return ParseFailure(f"{place(query, at)}: parse error: {worded(message)}")


def place(query: str, at: int) -> str:
    """Line and character, from 1 on."""
    before = query[:at]
    return f"{before.count(chr(10)) + 1}:{at - (before.rfind(chr(10)) + 1) + 1}"


def worded(message: str) -> str:
    """A complaint in Prometheus's words."""
    regex = _REGEX.match(message)
    if regex:
        return complaint(regex.group(1)) or f"error parsing regexp: it is none: `{regex.group(1)}`"
    message = re.sub(
        r"(type (?:scalar|string) in aggregation) expression", r"\1 parameter", message
    )
    message = re.sub(r"\btype (vector|matrix)\b", lambda m: f"type {_TYPES[m[1]]}", message)
    message = re.sub(r"\bgot:? (vector|matrix)\b", lambda m: f"got {_TYPES[m[1]]}", message)
    message = message.replace("scalar or vector", "scalar or instant vector")
    message = message.replace("allowed between vectors", "allowed between instant vectors")
    message = re.sub(r"(scalar or instant vector, got): (\w+)", r'\1 "\2"', message)
    message = message.replace("allowed on vector", "allowed on instant vector")
    if re.search(r"unexpected (character|right)", message):
        return message
    return re.sub(r"'([^']*)'", r'"\1"', message)


def _place(
    query: str, words: list[Token], message: str, type_of: Callable[[str], str | None]
) -> int:
    if "end of input" in message or message.startswith("unclosed"):
        return len(query)
    if message.startswith("unexpected right"):
        return _unopened(words)
    if message.startswith("unterminated"):
        return next((word.start for word in words if word.text in "\"'`"), 0)
    wrong = _TYPE_ERROR.search(message)
    if wrong:
        return _argument(query, words, {wrong.group(2)}, wrong.group(3), type_of)
    wrong = _AGGREGATION.search(message)
    if wrong:
        return _argument(query, words, AGGREGATIONS, wrong.group(2), type_of)
    named = _NAMED.search(message)
    if named:
        return _call(words, named.group(1))
    return _by_text(query, words, message)


def _by_text(query: str, words: list[Token], message: str) -> int:
    character = re.search(r"unexpected character[^:]*: '(.)'", message)
    if character:
        after = re.search(r"after '(.)'", message)
        text = (after.group(1) if after else "") + character.group(1)
        return max(query.find(text), 0)
    regex = _REGEX.match(message)
    if regex:
        return _condition(words, regex.group(1))
    if "only scalar and instant vector" in worded(message):
        return next((word.start for word in words if word.kind == "string"), 0)
    if "BOOL" in message or "bool modifier" in message or "ON and GROUP" in message:
        return _first_operator(words)
    return 0


def _condition(words: list[Token], value: str) -> int:
    """Where the matcher of this value begins: two words before it."""
    for label, text in zip(words, words[2:], strict=False):
        if text.kind == "string" and unquoted(text.text) == value:
            return label.start
    return 0


def _first_operator(words: list[Token]) -> int:
    return next((word.start for word in words[1:] if word.text.lower() in OPERATORS), 0)


def _unopened(words: list[Token]) -> int:
    opened: list[str] = []
    for word in words:
        if word.text in "([{":
            opened.append(word.text)
        elif word.text in _CLOSING and (not opened or opened.pop() != _CLOSING[word.text]):
            # Prometheus has gone past a parenthesis by then.
            return word.start + (word.text == ")")
    return 0


def _call(words: list[Token], name: str) -> int:
    for word, following in pairwise(words):
        if word.text == name and following.text == "(":
            return word.start
    return 0


def _argument(
    query: str,
    words: list[Token],
    names: Collection[str],
    got: str,
    type_of: Callable[[str], str | None],
) -> int:
    """Where the first argument of the type stands that the function cannot take."""
    for index, (word, following) in enumerate(pairwise(words)):
        if word.text.lower() in names and following.text == "(":
            for start, end in _arguments(words, index + 2, len(query)):
                if type_of(query[start:end]) == got:
                    return start
    return next((word.start for word in words if word.text in names), 0)


def _arguments(words: list[Token], first: int, length: int) -> list[tuple[int, int]]:
    found, depth, start = [], 0, first
    for index in range(first, len(words)):
        text = words[index].text
        if depth == 0 and text in (",", ")"):
            if index > start:
                found.append((words[start].start, words[index].start))
            start = index + 1
            if text == ")":
                return found
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
    if start < len(words):
        found.append((words[start].start, length))
    return found
