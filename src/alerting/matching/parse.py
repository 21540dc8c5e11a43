"""Both syntaxes as Alertmanager uses them: the newer one, and the older where that is needed."""

from collections.abc import Callable

from alerting.matching import classic, utf8
from alerting.matching.matcher import Matcher, Matchers, written
from alerting.matching.utf8 import BadMatcher


def parse_matchers(text: str) -> tuple[Matchers, str | None]:
    """The conditions, and what to tell their author where only the older syntax takes them so.

    Raises BadMatcher, or BadRegex for a broken regular expression.
    """
    older, older_error = _tried(classic.parse, text)
    newer, newer_error = _tried(utf8.parse, text)
    if newer is None:
        if older is None:
            raise older_error or BadMatcher(f"bad matcher format: {text}")
        instead = written(older)[1:-1]
        return older, f"{text!r} is read in the older syntax ({newer_error}); write {instead}"
    if older is not None and older != newer:
        return older, f"{text!r} means different things in the two syntaxes; the older is taken"
    return newer, None


def parse_matcher(text: str) -> tuple[Matcher, str | None]:
    """One condition without braces. Raises BadMatcher."""
    if text.startswith("{") or text.endswith("}"):
        raise BadMatcher(f"unexpected open or close brace: {text}")
    matchers, warning = parse_matchers(text)
    if len(matchers) != 1:
        raise BadMatcher(f"expected 1 matcher, found {len(matchers)}")
    return matchers[0], warning


def _tried(
    parse: Callable[[str], Matchers], text: str
) -> tuple[Matchers | None, ValueError | None]:
    try:
        return parse(text), None
    except ValueError as error:
        return None, error
