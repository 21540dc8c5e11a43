"""One evaluation of a group: its rules in order, each seeing what the earlier ones wrote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alerting.durations import MILLISECOND_NS
from alerting.labels import Labels
from alerting.rules.alerting import Alerts, Evaluation, series
from alerting.rules.definitions import AlertingRule, Group, Promql, RecordingRule, Rule
from alerting.rules.events import Event
from alerting.rules.instance import Instances, Key
from alerting.rules.querying import Querier, ask
from alerting.rules.recording import Recorded, ended, record
from alerting.templates.rules import RuleTemplates
from alerting.templates.rules import Sample as TemplateSample
from goldeneye.errors import GoldeneyeError


class Health(StrEnum):
    """How a rule's last evaluation went."""

    UNKNOWN = "unknown"
    OK = "ok"
    NO_DATA = "no_data"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class RuleState:
    """What is known of a rule between evaluations; `written` are its series of the last one."""

    instances: Instances = field(default_factory=dict)
    written: frozenset[Key] = frozenset()
    health: Health = Health.UNKNOWN
    error: str = ""
    evaluated_at_ns: int = 0
    template_errors: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rules' states, in their order, and what happened."""

    states: tuple[RuleState, ...]
    events: tuple[Event, ...]


# Keeps samples so that the next query sees them. Raises GoldeneyeError.
Write = Callable[[Sequence[Recorded]], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules are evaluated with."""

    querier: Querier
    write: Write
    external_labels: Labels = field(default_factory=dict)
    external_url: str = ""

    def templates(self, at_ns: int) -> RuleTemplates:
        """Queries of templates are answered as of the evaluation."""

        def answered(query: str) -> list[TemplateSample]:
            try:
                found = self.querier.instant(query, at_ns // MILLISECOND_NS)
            except GoldeneyeError as error:
                raise ValueError(str(error)) from error
            return [TemplateSample(sample.labels, sample.value or 0.0) for sample in found]

        return RuleTemplates(self.external_labels, self.external_url, at_ns, answered)


def fresh(group: Group) -> tuple[RuleState, ...]:
    """Nothing is known of any of the group's rules."""
    return tuple(RuleState() for _ in group.rules)


def evaluate(
    group: Group, states: Sequence[RuleState], surroundings: Surroundings, at_ns: int
) -> Outcome:
    """Evaluate all rules at one time; a rule that fails does not stop the others."""
    after, events = list[RuleState](), list[Event]()
    for rule, state in zip(group.rules, states, strict=True):
        one = _One(group, rule, state, surroundings, at_ns)
        found, happened = one.run()
        after.append(found)
        events += happened
    return Outcome(tuple(after), tuple(events))


@dataclass(frozen=True, slots=True)
class _One:
    """One rule's evaluation."""

    group: Group
    rule: Rule
    state: RuleState
    surroundings: Surroundings
    at_ns: int

    @property
    def _asked_ns(self) -> int:
        return self.at_ns - self.group.query_offset_ns

    def run(self) -> tuple[RuleState, Sequence[Event]]:
        if isinstance(self.rule, RecordingRule):
            return self._recorded(self.rule), ()
        return self._alerted(self.rule)

    def _recorded(self, rule: RecordingRule) -> RuleState:
        at_ms = self._asked_ns // MILLISECOND_NS
        try:
            answer = ask(self.surroundings.querier, rule.expression, self._asked_ns)
            samples = record(rule, answer.samples, at_ms, self.group.limit)
        except GoldeneyeError as error:
            return self._health(self.state, Health.ERROR, str(error))
        return self._written(replace(self.state, evaluated_at_ns=self.at_ns), samples, Health.OK)

    def _alerted(self, rule: AlertingRule) -> tuple[RuleState, Sequence[Event]]:
        templates = self.surroundings.templates(self.at_ns)
        evaluation = Evaluation(rule, templates, self.at_ns, self.group.limit)
        known = self.state.instances
        try:
            answer = ask(self.surroundings.querier, rule.expression, self._asked_ns)
            alerts = evaluation.met(known, answer, self._present)
        except GoldeneyeError as error:
            alerts = evaluation.failed(known, str(error))
        return self._after(alerts), alerts.events

    def _present(self) -> Sequence[Labels] | None:
        expression = self.rule.expression
        assert isinstance(expression, Promql)
        return self.surroundings.querier.present(expression.text, self._asked_ns // MILLISECOND_NS)

    def _after(self, alerts: Alerts) -> RuleState:
        state = replace(
            self.state,
            instances=alerts.instances,
            template_errors=self.state.template_errors + alerts.template_errors,
        )
        if alerts.error:
            return self._health(state, Health.ERROR, alerts.error)
        samples = series(alerts.instances, self._asked_ns // MILLISECOND_NS)
        return self._written(state, samples, Health.NO_DATA if alerts.lacks_data else Health.OK)

    def _written(self, state: RuleState, samples: Sequence[Recorded], health: Health) -> RuleState:
        now = frozenset(sample.labels for sample in samples)
        stale = ended(state.written, now, self._asked_ns // MILLISECOND_NS)
        try:
            self.surroundings.write([*samples, *stale])
        except GoldeneyeError as error:
            return self._health(state, Health.ERROR, str(error))
        return self._health(replace(state, written=now), health, "")

    def _health(self, state: RuleState, health: Health, error: str) -> RuleState:
        return replace(state, health=health, error=error, evaluated_at_ns=self.at_ns)
