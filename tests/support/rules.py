"""A rule group on a virtual clock, whose data is whatever the test says."""

from collections.abc import Sequence
from typing import Any

from alerting.rules.definitions import AlertingRule, Group, LogSearch, Promql
from alerting.rules.events import Event
from alerting.rules.group import RuleState, Surroundings, evaluate, fresh
from alerting.rules.instance import Instance
from alerting.rules.querying import Sample, Vector
from alerting.rules.recording import Recorded
from goldeneye.errors import QueryFailed

MINUTE_NS = 60_000_000_000


def samples(*pairs: tuple[dict[str, str], float | None]) -> list[Sample]:
    return [Sample(labels, value) for labels, value in pairs]


class Data:
    """Answers every question with what was set last; an exception is raised."""

    def __init__(self) -> None:
        self.answer: Vector | Exception = []
        self.decided: Sequence[dict[str, str]] | None = None
        self.asked: list[tuple[Any, int]] = []

    def instant(self, expr: str, at_ms: int) -> Vector:
        return self._answered(expr, at_ms)

    def sql(self, statement: str, at_ms: int) -> Vector:
        return self._answered(statement, at_ms)

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        return self._answered(search, at_ms)

    def present(self, expr: str, at_ms: int) -> Sequence[dict[str, str]] | None:
        return self.decided

    def _answered(self, question: Any, at_ms: int) -> Vector:
        self.asked.append((question, at_ms))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Timeline:
    """One group, evaluated minute by minute."""

    def __init__(self, *rules: Any, **group: Any) -> None:
        self.group = Group("g", rules, **group)
        self.states: tuple[RuleState, ...] = fresh(self.group)
        self.data = Data()
        self.written: list[Recorded] = []
        self.events: list[Event] = []

    def at(self, minute: float, answer: Any = None) -> list[str]:
        """Evaluate, with new data where some is given; the states that are shown."""
        if answer is not None:
            self.data.answer = answer
        self.written = []
        outcome = evaluate(
            self.group,
            self.states,
            Surroundings(self.data, self.written.extend, {"region": "eu"}, "http://here"),
            int(minute * MINUTE_NS),
        )
        self.states = outcome.states
        self.events = list(outcome.events)
        return [instance.shown for instance in self.instances]

    @property
    def instances(self) -> list[Instance]:
        return [i for state in self.states for i in state.instances.values()]

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """The last evaluation's events: before, after, reason."""
        return [(event.before, event.after, str(event.reason)) for event in self.events]


def alert(**fields: Any) -> AlertingRule:
    return AlertingRule("A", Promql("x > 1"), **fields)


FAILURE = QueryFailed("the query failed")
