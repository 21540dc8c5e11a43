"""Runs unit tests of rules on a virtual clock."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from alerting.durations import MILLISECOND_NS
from alerting.rules.definitions import Group
from alerting.rules.group import Health, RuleState, Surroundings, evaluate, fresh
from alerting.rules.instance import State
from alerting.rules.recording import Recorded
from goldeneye.errors import GoldeneyeError, QueryFailed
from goldeneye.rule_queries import PromqlQuerier
from goldeneye.rule_tests.comparing import (
    alerts_difference,
    failed,
    rule_failed,
    values_difference,
)
from goldeneye.rule_tests.definitions import ExpressionTest, Firing, Test, TestFile, Value
from query.promql.engine import Engine, Limits
from query.promql.errors import PromqlError
from query.promql.growing import GrowingSource
from query.promql.labels import Labels
from query.promql.native.histogram import Histogram
from query.promql.testing.loading import load
from query.promql.testing.script import Load


def run(file: TestFile, groups: Sequence[Group], test: Test) -> Iterator[str]:
    """What failed, nothing where all is as expected."""
    yield from _Run(file, _ordered(groups, file.group_order), test).failures()


def _ordered(groups: Sequence[Group], order: Sequence[str]) -> list[Group]:
    """Groups that the order does not name are evaluated with its first."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(groups, key=lambda group: places.get(group.name, 0))


class _Store:
    """Takes the series of a test, shifted to its start, and what rules write."""

    def __init__(self, source: GrowingSource, start_ms: int) -> None:
        self._source = source
        self._start_ms = start_ms

    def add(self, labels: Labels, samples: Iterable[tuple[int, Any]]) -> None:
        self._source.add(labels, [(time + self._start_ms, value) for time, value in samples])

    def write(self, recorded: Sequence[Recorded]) -> None:
        """Raises QueryFailed where rules contradict each other."""
        for one in recorded:
            value = one.histogram if one.histogram is not None else one.value
            try:
                self._source.write(one.labels, one.at_ms, value)
            except PromqlError as error:
                raise QueryFailed(str(error)) from error


class _Run:
    """One test's simulation."""

    def __init__(self, file: TestFile, groups: Sequence[Group], test: Test) -> None:
        self._file, self._groups, self._test = file, groups, test
        self._source = GrowingSource()
        command = Load(0, test.interval_ms, False, list(test.series))
        store = _Store(self._source, test.start_ms)
        load(store, command)
        limits = Limits(subquery_step_ms=file.evaluation_interval_ms)
        self._querier = PromqlQuerier(Engine(self._source, limits))
        self._states: list[tuple[RuleState, ...]] = [fresh(group) for group in groups]
        self._surroundings = Surroundings(
            self._querier,
            store.write,
            test.external_labels,
            test.external_url,
        )

    def failures(self) -> Iterator[str]:
        step = self._file.evaluation_interval_ms
        for at_ms in range(0, self._test.end_ms + 1, step):
            self._evaluate(at_ms)
            errors = list(self._errors(at_ms))
            if errors:
                yield from errors
                return
            yield from self._alerts(at_ms, at_ms + step)
        for case in self._test.expressions:
            failure = self._expression(case)
            if failure:
                yield failure

    def _evaluate(self, at_ms: int) -> None:
        now_ms = self._test.start_ms + at_ms
        self._source.until_ms = now_ms
        for place, group in enumerate(self._groups):
            outcome = evaluate(
                group, self._states[place], self._surroundings, now_ms * MILLISECOND_NS
            )
            self._states[place] = outcome.states

    def _errors(self, at_ms: int) -> Iterator[str]:
        for group, states in zip(self._groups, self._states, strict=True):
            for rule, state in zip(group.rules, states, strict=True):
                if state.health is Health.ERROR:
                    yield rule_failed(rule.name, at_ms, state.error)

    def _alerts(self, from_ms: int, before_ms: int) -> Iterator[str]:
        cases = [case for case in self._test.alerts if from_ms <= case.at_ms < before_ms]
        for case in sorted(cases, key=lambda case: case.at_ms):
            failure = alerts_difference(case, self._firing(case.alert))
            if failure:
                yield failure

    def _firing(self, name: str) -> list[Firing]:
        return [
            (instance.labels, instance.annotations)
            for group, states in zip(self._groups, self._states, strict=True)
            for rule, state in zip(group.rules, states, strict=True)
            if rule.name == name
            for instance in state.instances.values()
            if instance.state is State.FIRING
        ]

    def _expression(self, case: ExpressionTest) -> str | None:
        try:
            found = self._querier.instant(case.expression, self._test.start_ms + case.at_ms)
        except GoldeneyeError as error:
            return failed(case, str(error))
        got = [
            Value(tuple(sorted(one.labels.items())), one.value or 0.0, _histogram(one.histogram))
            for one in found
        ]
        return values_difference(case, got, self._file.fuzzy)


def _histogram(found: object) -> Histogram | None:
    return found if isinstance(found, Histogram) else None
