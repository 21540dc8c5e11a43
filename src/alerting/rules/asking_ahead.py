"""The PromQL of a group, asked at once where no rule can change another's answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from alerting.labels import Labels
from alerting.rules.definitions import Group, LogSearch, Promql, RecordingRule
from alerting.rules.querying import Querier, Vector
from goldeneye.errors import GoldeneyeError

# Series that alerting rules write.
_ALERTS: Final = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_NAME: Final = re.compile(r"[\w:]+")
# A selector whose metric is not written before it may read any series.
_NAMELESS: Final = re.compile(r"(?:^|[^\w:])\{|__name__")


@runtime_checkable
class ManyQuerier(Protocol):
    """A Querier that answers several expressions at less cost than one after the other."""

    def instants(self, exprs: Sequence[str], at_ms: int) -> Mapping[str, Vector | GoldeneyeError]:
        """Those that are missing are to be asked one by one. Raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class AskedAhead:
    """See alerting.rules.querying.Querier; `known` are answers as of `at_ms`."""

    querier: Querier
    at_ms: int
    known: Mapping[str, Vector | GoldeneyeError]

    def instant(self, expr: str, at_ms: int) -> Vector:
        found = self.known.get(expr) if at_ms == self.at_ms else None
        if found is None:
            return self.querier.instant(expr, at_ms)
        if isinstance(found, GoldeneyeError):
            raise found
        return found

    def present(self, expr: str, at_ms: int) -> Sequence[Labels] | None:
        return self.querier.present(expr, at_ms)

    def sql(self, statement: str, at_ms: int) -> Vector:
        return self.querier.sql(statement, at_ms)

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        return self.querier.logs(search, at_ms)


def asked_ahead(querier: Querier, group: Group, at_ms: int) -> Querier:
    """The querier itself where there is nothing to ask ahead."""
    if not isinstance(querier, ManyQuerier):
        return querier
    exprs = independent(group)
    if len(exprs) < 2:
        return querier
    return AskedAhead(querier, at_ms, querier.instants(exprs, at_ms))


def independent(group: Group) -> list[str]:
    """The expressions that read nothing that the group itself writes."""
    recorded = {rule.name for rule in group.rules if isinstance(rule, RecordingRule)} | _ALERTS
    texts = [rule.expression.text for rule in group.rules if isinstance(rule.expression, Promql)]
    return [
        text
        for text in dict.fromkeys(texts)
        if not _NAMELESS.search(text) and recorded.isdisjoint(_NAME.findall(text))
    ]
