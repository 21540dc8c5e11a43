"""PromQL for rules: joins the alert engine and the query engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from alerting.labels import Labels
from alerting.rules.definitions import LogSearch
from alerting.rules.loading import Checks
from alerting.rules.querying import Sample, Vector
from goldeneye.errors import InvalidRequest, QueryFailed, QueryRefused
from query.analysis.standing import check_standing
from query.logs.parser import parse as parse_search
from query.promql.conditions import decided
from query.promql.engine import Answer, Engine
from query.promql.errors import ParseFailure, PromqlError
from query.promql.parsing.parse import parse as parse_promql
from query.promql.tree import Node

# Rules ask the same at each evaluation.
_parsed = lru_cache(maxsize=8_192)(parse_promql)


def _check_promql(text: str) -> None:
    try:
        _parsed(text)
    except ParseFailure as error:
        raise ValueError(str(error)) from error


def _check_search(text: str) -> None:
    try:
        parse_search(text)
    except InvalidRequest as error:
        raise ValueError(str(error)) from error


def _check_sql(text: str) -> None:
    try:
        check_standing(text)
    except (QueryFailed, QueryRefused) as error:
        raise ValueError(str(error)) from error


CHECKS = Checks(promql=_check_promql, sql=_check_sql, log=_check_search)


@lru_cache(maxsize=8_192)
def _decided(expr: str) -> Node | None:
    return decided(_parsed(expr))


@dataclass(frozen=True, slots=True)
class PromqlQuerier:
    """Asks one engine; SQL and logs are refused, as there are only series."""

    engine: Engine

    def instant(self, expr: str, at_ms: int) -> Vector:
        """Raises QueryFailed."""
        with _refused():
            return _vector(self.engine.instant_of(_parsed(expr), expr, at_ms))

    def present(self, expr: str, at_ms: int) -> Sequence[Labels] | None:
        """Raises QueryFailed."""
        with _refused():
            node = _decided(expr)
            if node is None:
                return None
            return [one.labels for one in _vector(self.engine.instant_of(node, expr, at_ms))]

    def sql(self, statement: str, at_ms: int) -> Vector:
        raise QueryFailed("SQL cannot be asked of series")

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        raise QueryFailed("logs cannot be searched in series")


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except PromqlError as error:
        raise QueryFailed(str(error)) from error


def _vector(answer: Answer) -> list[Sample]:
    """An instant answer's samples. Raises QueryFailed where it has none."""
    if answer.kind not in ("vector", "scalar"):
        raise QueryFailed("rule result is not a vector or scalar")
    return [
        Sample(
            dict(one.labels), 0.0 if one.histograms else float(one.values[0]), one.histograms.get(0)
        )
        for one in answer.series
    ]
