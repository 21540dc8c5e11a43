"""What rules ask, answered from the stored data."""

from collections.abc import Sequence
from typing import Any

from alerting.labels import Labels
from alerting.rules.definitions import LogSearch
from alerting.rules.querying import NANOSECONDS_A_MS, Sample, Vector
from goldeneye.errors import QueryFailed
from goldeneye.on_demand import OnDemand
from query.asking.reader import Reader
from query.asking.window import Window
from query.logs.counts import counts
from query.prometheus.instant_queries import InstantQueries, InstantQuery
from query.promql.errors import PromqlError
from query.service import QueryService, SqlQuery

VALUE = "value"


class LiveQuerier:
    """See alerting.rules.querying.Querier; thread-safe."""

    def __init__(self, service: OnDemand[QueryService]) -> None:
        self._of = service

    def instant(self, expr: str, at_ms: int) -> Vector:
        answer = self._promql().instant(expr, at_ms)
        return [Sample(one.labels, one.value, one.histogram) for one in answer.samples or ()]

    def present(self, expr: str, at_ms: int) -> Sequence[Labels] | None:
        (answer,) = self._promql().answers([InstantQuery(expr, at_ms, present=True)])
        if isinstance(answer, PromqlError):
            raise QueryFailed(str(answer)) from answer
        return None if answer.samples is None else [one.labels for one in answer.samples]

    def _promql(self) -> InstantQueries:
        return InstantQueries(self._of.get())

    def sql(self, statement: str, at_ms: int) -> Vector:
        """The rows of a statement for which `now()` is the time of the evaluation."""
        query = SqlQuery(statement, format="arrow", now_ns=at_ms * NANOSECONDS_A_MS)
        with self._of.get().run(query) as answer:
            if answer.truncated:
                raise QueryFailed(f"the statement gives more than {answer.row_count} rows")
            rows = answer.table().to_pylist()
        return [_sample(row) for row in rows]

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        end_ns = at_ms * NANOSECONDS_A_MS
        window = Window(end_ns - search.window_ns, end_ns)
        found = counts(Reader(self._of.get()), search.search, search.by, window)
        return [Sample(labels, float(count)) for labels, count in found]


def _sample(row: dict[str, Any]) -> Sample:
    if VALUE not in row:
        raise QueryFailed("the statement has no column 'value'")
    value = row.pop(VALUE)
    labels = {name: _text(one) for name, one in row.items() if one is not None}
    if value is None:
        return Sample(labels, None)
    try:
        return Sample(labels, float(value))
    except (TypeError, ValueError) as error:
        raise QueryFailed(f"the column 'value' holds {value!r}, which is no number") from error


def _text(value: object) -> str:
    """As people would write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
