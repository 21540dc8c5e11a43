"""Regular expressions as in Prometheus: RE2, over whole values, `.` matching any character."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_ANY = "_unnamed_"


class BadRegex(ValueError):
    """Not a regular expression; the text says why, as RE2 does."""


# RE2's own words, and those of Go's twin of it.
_GO_WORDS: Final = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "trailing \\": "trailing backslash at end of expression",
    "invalid repetition size": "invalid repeat count",
    "invalid named capture group": "invalid named capture",
}


def complaint(pattern: str) -> str:
    """Why this is no regular expression; empty where it is one."""
    try:
        pc.match_substring_regex(pa.array([""]), pattern=pattern)
    except pa.ArrowInvalid as error:
        return str(_failure(error))
    return ""


def _whole(pattern: str) -> str:
    return f"^(?s:{pattern})$"


def _failure(error: pa.ArrowInvalid) -> BadRegex:
    reason, _, pattern = str(error).removeprefix("Invalid regular expression: ").rpartition(": ")
    if not reason:
        reason, pattern = pattern, ""
    return BadRegex(f"error parsing regexp: {_GO_WORDS.get(reason, reason)}: `{pattern}`")


def _texts(values: Sequence[str]) -> pa.Array:
    return pa.array([value.encode("utf-8", "replace").decode() for value in values], pa.string())


def matches(pattern: str, values: Sequence[str]) -> list[bool]:
    """Which values match as a whole. Raises BadRegex."""
    try:
        found: list[bool] = pc.match_substring_regex(
            _texts(values), pattern=_whole(pattern)
        ).to_pylist()
    except pa.ArrowInvalid as error:
        raise _failure(error) from error
    return found


def captures(pattern: str, values: Sequence[str]) -> list[dict[str, str] | None]:
    """What each value's groups hold, by name and by number; None where it does not match.

    Raises BadRegex.
    """
    named, names = _with_names(pattern)
    try:
        found = pc.extract_regex(_texts(values), pattern=_whole(named)).to_pylist()
    except pa.ArrowInvalid as error:
        raise _failure(error) from error
    return [None if groups is None else _numbered(groups, names) for groups in found]


def _numbered(groups: dict[str, str], names: list[str]) -> dict[str, str]:
    numbers = {str(number): groups[name] for number, name in enumerate(names, start=1)}
    return {**numbers, **{name: groups[name] for name in names if not name.startswith(_ANY)}}


def _with_names(pattern: str) -> tuple[str, list[str]]:
    """The pattern with a name for each group, and the names in order."""
    parts, names, at, in_class = list[str](), list[str](), 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            parts.append(pattern[at : at + 2])
            at += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            end = _class_start(pattern, at)
            parts.append(pattern[at:end])
            at, in_class = end, True
            continue
        elif char == "(":
            char = _opened(pattern, at, names)
        parts.append(char)
        at += 1
    return "".join(parts), names


def _class_start(pattern: str, at: int) -> int:
    """Behind `[`, a `^` and a `]` that belongs to the class."""
    at += 1
    if pattern[at : at + 1] == "^":
        at += 1
    return at + 1 if pattern[at : at + 1] == "]" else at


def _opened(pattern: str, at: int, names: list[str]) -> str:
    following = pattern[at + 1 :]
    if not following.startswith("?"):
        names.append(f"{_ANY}{len(names) + 1}")
        return f"(?P<{names[-1]}>"
    for opening in ("?P<", "?<"):
        if following.startswith(opening):
            names.append(following[len(opening) :].partition(">")[0])
    return "("
