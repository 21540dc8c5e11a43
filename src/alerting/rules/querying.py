"""What rules ask of the data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from alerting.durations import MILLISECOND_NS
from alerting.labels import Labels
from alerting.rules.definitions import Burn, Expression, LogSearch, Promql, Sql
from goldeneye.errors import QueryFailed

METRIC_NAME = "__name__"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an answer; `value` is None where a row says that it has no data.

    `histogram` is a native histogram, which only the one who answers understands. `annotations`
    are what he says of it beside the rule's own.
    """

    labels: Labels
    value: float | None
    histogram: object | None = None
    annotations: Labels = field(default_factory=dict)


Vector = Sequence[Sample]


class Querier(Protocol):
    """Answers the expressions of rules. All raise GoldeneyeError."""

    def instant(self, expr: str, at_ms: int) -> Vector:
        """A PromQL expression's vector; a scalar is one sample without labels."""
        ...

    def present(self, expr: str, at_ms: int) -> Sequence[Labels] | None:
        """The label sets that a PromQL condition was decided for, whether it held or not.

        None where that cannot be told.
        """
        ...

    def sql(self, statement: str, at_ms: int) -> Vector:
        """The rows of a statement."""
        ...

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        """The number of records of the search's window that ends at `at_ms`, 0 included."""
        ...


@runtime_checkable
class BudgetQuerier(Protocol):
    """A Querier that knows error budgets."""

    def burning(self, expression: Burn, at_ms: int) -> Vector:
        """One sample where the policy forbids it; its value is None where nothing is known.

        Raises GoldeneyeError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What holds, and the label sets of which rows said that they have no data."""

    samples: Vector
    lacking: Sequence[Labels] = ()


def ask(querier: Querier, expression: Expression, at_ns: int) -> Answer:
    """The series for which the expression holds. Raises GoldeneyeError."""
    at_ms = at_ns // MILLISECOND_NS
    match expression:
        case Promql(text):
            return Answer(querier.instant(text, at_ms))
        case Sql(text):
            return _with_gaps(querier.sql(text, at_ms))
        case LogSearch(threshold=threshold):
            counted = _with_gaps(querier.logs(expression, at_ms))
            kept = [s for s in counted.samples if s.value is not None and threshold.holds(s.value)]
            return Answer(kept, counted.lacking)
        case Burn():
            if not isinstance(querier, BudgetQuerier):
                raise QueryFailed("error budgets cannot be asked for here")
            return _with_gaps(querier.burning(expression, at_ms))


def _with_gaps(rows: Vector) -> Answer:
    lacking = [row.labels for row in rows if row.value is None]
    return Answer([row for row in rows if row.value is not None], lacking)


def identity(labels: Labels) -> tuple[tuple[str, str], ...]:
    """A label set as a key; a label that is empty is none."""
    return tuple(sorted(pair for pair in labels.items() if pair[1]))


def nameless(labels: Labels) -> dict[str, str]:
    """The labels but the metric's name."""
    return {k: v for k, v in labels.items() if k != METRIC_NAME and v}
