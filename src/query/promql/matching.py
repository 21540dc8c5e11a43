"""Whether label sets match: what a source without an index needs."""

import re
from collections.abc import Callable, Sequence

from query.promql.errors import ParseFailure
from query.promql.labels import Labels, get
from query.promql.tree import Matcher, MatchKind

_INLINE_FLAGS = re.compile(r"(?<!\\)\((\?[ims]+)\)")


def compile_whole(pattern: str) -> re.Pattern[str]:
    """A regular expression that must match all of a value, `.` matching any character.

    Raises ParseFailure where it is none.
    """
    try:
        return re.compile(f"(?:{scoped_flags(pattern)})\\Z", re.DOTALL)
    except re.error as error:
        text = f"error parsing regexp: {error}: `{pattern}`"
        raise ParseFailure(f"parse error: {text}") from error


def scoped_flags(pattern: str) -> str:
    """`(?i)` in the midst of a pattern, valid up to its group's end, written as `(?i:…)`."""
    match = _INLINE_FLAGS.search(pattern)
    if match is None:
        return pattern
    end = _group_end(pattern, match.end())
    inner = scoped_flags(pattern[match.end() : end])
    return f"{pattern[: match.start()]}({match.group(1)}:{inner}){scoped_flags(pattern[end:])}"


def _group_end(pattern: str, start: int) -> int:
    depth, at = 0, start
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = max(pattern.find("]", at + 2), at)
        elif char == "(":
            depth += 1
        elif char == ")":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    return len(pattern)


def value_test(matcher: Matcher) -> Callable[[str], bool]:
    """Whether a label's value, empty where it is missing, passes one matcher."""
    wanted = matcher.value
    if matcher.kind is MatchKind.EQUAL:
        return lambda value: value == wanted
    if matcher.kind is MatchKind.NOT_EQUAL:
        return lambda value: value != wanted
    pattern = compile_whole(wanted)
    if matcher.kind is MatchKind.REGEX:
        return lambda value: pattern.match(value) is not None
    return lambda value: pattern.match(value) is None


def labels_test(matchers: Sequence[Matcher]) -> Callable[[Labels], bool]:
    """Whether a label set passes all matchers."""
    tests = [(matcher.name, value_test(matcher)) for matcher in matchers]
    return lambda labels: all(test(get(labels, name)) for name, test in tests)
