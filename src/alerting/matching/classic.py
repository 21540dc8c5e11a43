"""Matchers in Alertmanager's older syntax, which forgives more and knows fewer names."""

import re
from typing import Final

from alerting.matching.matcher import Matcher, Matchers, Operator
from alerting.matching.utf8 import BadMatcher

_MATCHER: Final = re.compile(
    r"[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*(.*?)[\t\n\f\r ]*",
    re.DOTALL,
)


def parse(text: str) -> Matchers:
    """Conditions separated by commas; braces are optional on either side. Raises BadMatcher."""
    return tuple(map(_matcher, _parts(text.removeprefix("{").removesuffix("}"))))


def _parts(text: str) -> list[str]:
    parts, start, inside, escaped = list[str](), 0, False, False
    for at, char in enumerate(text):
        if char == "," and not inside:
            parts.append(text[start:at])
            start = at + 1
        elif char == '"':
            inside = inside if escaped else not inside
            escaped = False
        else:
            escaped = char == "\\" and not escaped
    last = text[start:].strip()
    return [*parts, last] if last else parts


def _matcher(text: str) -> Matcher:
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise BadMatcher(f"bad matcher format: {text}")
    name, operator, raw = found.groups()
    return Matcher(name, Operator(operator), _value(raw))


def _value(raw: str) -> str:
    inner = raw.removeprefix('"')
    quoted, value, at = inner != raw, list[str](), 0
    while at < len(inner):
        char = inner[at]
        if char == "\\" and at + 1 < len(inner):
            following = inner[at + 1]
            value.append({"n": "\n", '"': '"', "\\": "\\"}.get(following, char + following))
            at += 2
            continue
        if char == '"':
            if not quoted or at < len(inner) - 1:
                raise BadMatcher(f"matcher value contains unescaped double quote: {raw}")
            return "".join(value)
        value.append(char)
        at += 1
    if quoted:
        raise BadMatcher(f"matcher value contains unescaped double quote: {raw}")
    return "".join(value)
