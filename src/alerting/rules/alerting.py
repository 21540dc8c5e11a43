"""Alerting rules: from an answer to alerts, their events and their series."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from alerting.durations import SECOND_NS
from alerting.labels import ALERT_NAME, Labels
from alerting.rules.definitions import AlertingRule, Promql, Unknown
from alerting.rules.events import Event, Reason
from alerting.rules.failures import LimitExceeded, RuleFailed
from alerting.rules.instance import Gap, Instance, Instances, Key
from alerting.rules.querying import METRIC_NAME, Answer, Sample, identity, nameless
from alerting.rules.recording import Recorded
from alerting.rules.transitions import Missing, Step
from alerting.templates.rules import RuleTemplates

ALERTS: Final = "ALERTS"
ALERTS_FOR_STATE: Final = "ALERTS_FOR_STATE"
ALERT_STATE: Final = "alertstate"
# Marks the alert that a rule itself raises where nothing is known.
GAP: Final = "gap"
_NOTHING: Final[Labels] = {}

Present = Callable[[], Sequence[Labels] | None]


@dataclass(frozen=True, slots=True)
class Alerts:
    """A rule's alerts after an evaluation; `error` says why the answer was not used."""

    instances: Instances
    events: Sequence[Event]
    template_errors: int = 0
    lacks_data: bool = False
    error: str = ""


@dataclass
class Evaluation:
    """One evaluation of one rule."""

    rule: AlertingRule
    templates: RuleTemplates
    at_ns: int
    limit: int = 0
    _errors: int = field(default=0, init=False)

    def met(self, known: Instances, answer: Answer, present: Present) -> Alerts:
        """What the answer makes of the alerts.

        `present` is asked only where an alert is missing and the rule says what no data means.
        Raises RuleFailed.
        """
        met = self._instances(answer.samples)
        missing = self._missing(known, met, answer, present)
        lacks_all = missing is not None and missing.lacks(self._of_rule(Gap.NO_DATA))
        if self.rule.no_data is Unknown.FIRE:
            if lacks_all and not any(instance.is_active for instance in known.values()):
                met |= self._raised(Gap.NO_DATA)
            elif lacks_all:
                met |= {k: i for k, i in self._raised(Gap.NO_DATA).items() if k in known}
            for labels in answer.lacking:
                met |= self._lacking_row(labels, known)
        step = Step(self.rule, self.at_ns, missing) if missing else Step(self.rule, self.at_ns)
        return self._finished(step, step.run(known, met), known, lacks_all or bool(answer.lacking))

    def failed(self, known: Instances, error: str) -> Alerts:
        """What is left of the alerts where there is no answer."""
        missing = Missing(Gap.ERROR, self.rule.error, lambda _: True, error)
        step = Step(self.rule, self.at_ns, missing)
        met = self._raised(Gap.ERROR) if self.rule.error is Unknown.FIRE else {}
        return Alerts(step.run(known, met), step.events, self._errors, False, error)

    def _finished(
        self, step: Step, instances: Instances, known: Instances, lacks_data: bool
    ) -> Alerts:
        active = sum(instance.is_active for instance in instances.values())
        if not 0 < self.limit < active:
            return Alerts(instances, step.events, self._errors, lacks_data)
        error = str(LimitExceeded(f"exceeded limit of {self.limit} with {active} alerts"))
        dropping = Step(self.rule, self.at_ns)
        dropping.drop_all(known, Reason.LIMIT_EXCEEDED, error)
        return Alerts({}, dropping.events, self._errors, lacks_data, error)

    def _instances(self, samples: Sequence[Sample]) -> dict[Key, Instance]:
        found = dict[Key, Instance]()
        for sample in samples:
            instance = self._instance(sample.labels, sample.value or 0.0, told=sample.annotations)
            if instance.key in found:
                raise RuleFailed(
                    "vector contains metrics with the same labelset after applying alert labels"
                )
            found[instance.key] = instance
        return found

    def _instance(
        self,
        given: Labels,
        value: float,
        gap: Gap | None = None,
        mark: Labels | None = None,
        told: Labels = _NOTHING,
    ) -> Instance:
        labels = nameless(given)
        labels |= {name: self._text(text, given, value) for name, text in self.rule.labels.items()}
        labels |= {ALERT_NAME: self.rule.name, **(mark or {})}
        return Instance(
            labels=dict(identity(labels)),
            source=nameless(given) if mark is None else mark,
            annotations={
                **told,
                **{n: self._text(text, given, value) for n, text in self.rule.annotations.items()},
            },
            value=value,
            gap=gap,
        )

    def _text(self, text: str, labels: Labels, value: float) -> str:
        if "{{" not in text:
            return text
        expanded, error = self.templates.expand_or_say(
            text, labels, value, f"__alert_{self.rule.name}"
        )
        self._errors += error is not None
        return expanded

    def _of_rule(self, gap: Gap) -> Instance:
        mark = {GAP: str(gap)}
        return Instance(labels=mark, source=mark, gap=gap)

    def _raised(self, gap: Gap) -> dict[Key, Instance]:
        """The alert that stands for the rule itself."""
        instance = self._instance({}, 0.0, gap, {GAP: str(gap)})
        return {instance.key: instance}

    def _lacking_row(self, labels: Labels, known: Instances) -> dict[Key, Instance]:
        instance = self._instance(labels, 0.0, Gap.NO_DATA)
        # What is known keeps its last value and annotations.
        return {} if instance.key in known else {instance.key: instance}

    def _missing(
        self, known: Instances, met: Mapping[Key, Instance], answer: Answer, present: Present
    ) -> Missing | None:
        choice = self.rule.no_data
        if choice is Unknown.RESOLVE:
            return None
        gone = any(i.is_active and key not in met for key, i in known.items())
        if met and not gone and not answer.lacking:
            return None
        if not isinstance(self.rule.expression, Promql):
            absent = {identity(nameless(labels)) for labels in answer.lacking}
            return Missing(Gap.NO_DATA, choice, lambda i: identity(i.source) in absent)
        sets = present()
        if sets is None:
            return None
        there = {identity(nameless(labels)) for labels in sets}
        return Missing(Gap.NO_DATA, choice, lambda i: _lacks(i, there))


def _lacks(instance: Instance, there: set[Key]) -> bool:
    """An alert that stands for the rule itself lacks data where there is none at all."""
    if GAP in instance.source:
        return instance.source[GAP] == Gap.NO_DATA and not there
    return identity(instance.source) not in there


def series(instances: Instances, at_ms: int) -> Sequence[Recorded]:
    """ALERTS and ALERTS_FOR_STATE of the alerts that are pending or firing."""
    written = list[Recorded]()
    for instance in instances.values():
        if instance.is_active:
            state = {METRIC_NAME: ALERTS, ALERT_STATE: str(instance.state)}
            since = {METRIC_NAME: ALERTS_FOR_STATE}
            active = float(instance.active_at_ns // SECOND_NS)
            written.append(Recorded(identity({**instance.labels, **state}), at_ms, 1.0))
            written.append(Recorded(identity({**instance.labels, **since}), at_ms, active))
    return written
