"""What metrics there are in a range of time, by the names they have in Prometheus."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from query.prometheus.reader import Reader
from query.prometheus.stored.family import Family
from query.prometheus.stored.span import Span
from query.promql.labels import METRIC_NAME
from query.promql.matching import passing_values
from query.promql.naming.families import Part, series_names
from query.promql.naming.strategy import Strategy
from query.promql.tree import Matcher


class Named(NamedTuple):
    """A name in Prometheus, and which part of which metric it is."""

    name: str
    family: Family
    part: Part


def families(reader: Reader, span: Span) -> list[Named]:
    """All of them, of series that had points on the days of the range."""
    strategy = reader.promql.naming.strategy
    return list(_named(reader.series_ids(span.days_ns).families, strategy))


def _named(known: Iterable[Family], strategy: Strategy) -> Iterable[Named]:
    for family in known:
        own = Strategy.NO_TRANSLATION if family.untranslated else strategy
        names = series_names(family.name, family.unit, family.kind, own)
        yield from (Named(name, family, part) for name, part in names.items())


def of_name(known: Sequence[Named], matchers: Sequence[Matcher]) -> list[Named]:
    """Those whose name the matchers let through."""
    remaining = list(known)
    for matcher in matchers:
        if matcher.name == METRIC_NAME:
            passed = passing_values(matcher, [one.name for one in remaining])
            remaining = [one for one, keep in zip(remaining, passed, strict=True) if keep]
    return remaining
