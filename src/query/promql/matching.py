"""Whether label sets match: what a source without an index needs."""

from collections.abc import Sequence

from query.promql.errors import ParseFailure
from query.promql.labels import Labels, get
from query.promql.regex import BadRegex, matches
from query.promql.tree import Matcher, MatchKind


def passing_values(matcher: Matcher, values: Sequence[str]) -> list[bool]:
    """Which values, empty where the label is missing, pass one matcher.

    Raises ParseFailure where its regular expression is none.
    """
    if matcher.kind is MatchKind.EQUAL:
        return [value == matcher.value for value in values]
    if matcher.kind is MatchKind.NOT_EQUAL:
        return [value != matcher.value for value in values]
    try:
        found = matches(matcher.value, values)
    except BadRegex as error:
        raise ParseFailure(f"parse error: {error}") from error
    return found if matcher.kind is MatchKind.REGEX else [not one for one in found]


def passing(matchers: Sequence[Matcher], series: Sequence[Labels]) -> list[Labels]:
    """The label sets that pass all matchers."""
    remaining = list(series)
    for matcher in matchers:
        values = sorted({get(labels, matcher.name) for labels in remaining})
        found = dict(zip(values, passing_values(matcher, values), strict=True))
        remaining = [labels for labels in remaining if found[get(labels, matcher.name)]]
    return remaining
