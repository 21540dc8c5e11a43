"""What rules ask, answered from the stored data."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from alerting.durations import MILLISECOND_NS
from alerting.labels import Labels
from alerting.rules.definitions import LogSearch
from alerting.rules.querying import Sample, Vector
from goldeneye.clock import Clock
from goldeneye.errors import GoldeneyeError, QueryFailed, QueryLate
from goldeneye.heavy_questions import HeavyQuestions
from goldeneye.on_demand import OnDemand
from query.asking.reader import Reader
from query.asking.window import Window
from query.logs.counts import counts
from query.prometheus.instant_queries import InstantAnswer, InstantQueries, InstantQuery
from query.promql.errors import PromqlError, QueryTimeout
from query.service import QueryService, SqlQuery

VALUE = "value"


class LiveQuerier:
    """See alerting.rules.querying.Querier; thread-safe."""

    def __init__(self, service: OnDemand[QueryService], clock: Clock) -> None:
        self._of = service
        self._heavy = HeavyQuestions(clock)

    def instants(self, exprs: Sequence[str], at_ms: int) -> Mapping[str, Vector | GoldeneyeError]:
        """Several in one job of a worker; see alerting.rules.asking_ahead.ManyQuerier."""
        quick = [expr for expr in exprs if not self._heavy.knows(expr)]
        if not quick:
            return {}
        try:
            with self._asking("\n".join(quick)):
                answers = InstantQueries(self._of.get()).answers(
                    [InstantQuery(expr, at_ms) for expr in quick]
                )
        except GoldeneyeError:
            # Who is to blame is found when they are asked one by one.
            return {}
        pairs = zip(quick, answers, strict=True)
        return {expr: _told(one) for expr, one in pairs if not _is_late(one)}

    def instant(self, expr: str, at_ms: int) -> Vector:
        with self._asking(expr):
            answer = self._answer(InstantQuery(expr, at_ms))
        return _vector(answer)

    def present(self, expr: str, at_ms: int) -> Sequence[Labels] | None:
        with self._asking(expr):
            answer = self._answer(InstantQuery(expr, at_ms, present=True))
        return None if answer.samples is None else [one.labels for one in answer.samples]

    def _answer(self, query: InstantQuery) -> InstantAnswer:
        (answer,) = InstantQueries(self._of.get()).answers([query])
        if isinstance(answer, PromqlError):
            raise answer
        return answer

    def sql(self, statement: str, at_ms: int) -> Vector:
        """The rows of a statement for which `now()` is the time of the evaluation."""
        query = SqlQuery(statement, format="arrow", now_ns=at_ms * MILLISECOND_NS)
        with self._asking(statement), self._of.get().run(query) as answer:
            if answer.truncated:
                raise QueryFailed(f"the statement gives more than {answer.row_count} rows")
            rows = answer.table().to_pylist()
        return [_sample(row) for row in rows]

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        end_ns = at_ms * MILLISECOND_NS
        window = Window(end_ns - search.window_ns, end_ns)
        with self._asking(repr(search)):
            found = counts(Reader(self._of.get()), search.search, search.by, window)
        return [Sample(labels, float(count)) for labels, count in found]

    @contextmanager
    def _asking(self, text: str) -> Iterator[None]:
        """Raises GoldeneyeError only, and QueryLate with the deadline that rules have."""
        with self._heavy.asking(text):
            try:
                yield
            except (QueryLate, PromqlError) as error:
                if isinstance(error, PromqlError) and not _is_late(error):
                    raise QueryFailed(str(error)) from error
                timeout_s = self._of.get().timeout_s
                raise QueryLate(
                    f"it took longer than {timeout_s:g} s (alerting.query_timeout_s)"
                ) from error


def _is_late(answer: object) -> bool:
    return isinstance(answer, PromqlError) and answer.kind == QueryTimeout.kind


def _told(answer: InstantAnswer | PromqlError) -> Vector | GoldeneyeError:
    return QueryFailed(str(answer)) if isinstance(answer, PromqlError) else _vector(answer)


def _vector(answer: InstantAnswer) -> Vector:
    return [Sample(one.labels, one.value, one.histogram) for one in answer.samples or ()]


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
