"""Regular expressions as in Alertmanager and Prometheus: RE2, which cannot run away."""

import re
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_GROUP: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?P?<(?P<name>\w+)>|(?P<flag>\?))?", re.DOTALL
)
_REFERENCE: Final = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


class BadRegex(ValueError):
    """Not a regular expression; the text says why, as RE2 does."""


def _array(text: str) -> pa.Array:
    return pa.array([text.encode("utf-8", "replace").decode()], pa.string())


def check(pattern: str) -> None:
    """Raises BadRegex."""
    found(pattern, "")


@lru_cache(maxsize=65_536)
def found(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text. Raises BadRegex."""
    try:
        matched: bool = pc.match_substring_regex(_array(text), pattern=pattern)[0].as_py()
    except pa.ArrowInvalid as error:
        raise _failure(error) from error
    return matched


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the whole text. Raises BadRegex."""
    return found(f"^(?:{pattern})$", text)


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Each match replaced; `$1`, `${name}` stand for groups, as in Go. Raises BadRegex."""
    try:
        replaced: str = pc.replace_substring_regex(
            _array(text), pattern=pattern, replacement=_rewrite(pattern, replacement)
        )[0].as_py()
    except pa.ArrowInvalid as error:
        raise _failure(error) from error
    return replaced


def _failure(error: pa.ArrowInvalid) -> BadRegex:
    reason = str(error).removeprefix("Invalid regular expression: ")
    return BadRegex(f"error parsing regexp: {reason}")


def _rewrite(pattern: str, replacement: str) -> str:
    """Go's replacement in RE2's words, in which unknown groups would be an error."""
    groups = [m["name"] for m in _GROUP.finditer(pattern) if m[0][0] == "(" and not m["flag"]]
    parts, at = list[str](), 0
    for reference in _REFERENCE.finditer(replacement):
        parts.append(replacement[at : reference.start()].replace("\\", "\\\\"))
        parts.append(_group(groups, reference))
        at = reference.end()
    return "".join([*parts, replacement[at:].replace("\\", "\\\\")])


def _group(groups: list[str | None], reference: re.Match[str]) -> str:
    if reference[1]:
        return "$"
    name = reference[2] or reference[3]
    number = int(name) if name.isascii() and name.isdigit() else -1
    if number < 0 and name in groups:
        number = groups.index(name) + 1
    # RE2 knows ten groups in a replacement.
    return f"\\{number}" if 0 <= number <= min(len(groups), 9) else ""
