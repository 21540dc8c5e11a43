"""All alerts of one moment, of rules and of others, with what routing makes of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from alerting.alert import Alert
from alerting.engine.engine import Engine
from alerting.engine.event_lines import service_of
from alerting.engine.known_alerts import KEPT_NS
from alerting.engine.planned import Planned
from alerting.labels import Labels
from alerting.routing.configuration import Configuration
from alerting.routing.inhibition import Inhibitor
from alerting.routing.silences import Silences, silenced_by
from alerting.rules.definitions import AlertingRule
from alerting.rules.instance import Instance, Instances, State
from alerting.rules.sending import generator_url
from alerting.state.acknowledgements import Acknowledgement
from alerting.state.alert_events import FLAPPING_TRANSITIONS

EXTERNAL: Final = "external"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an alert comes from; `value` is None where nobody told one."""

    rule: str
    rule_group: str | None
    kind: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Current:
    """One alert. Times are nanoseconds since the epoch, 0 for never.

    `state` is as it is told: `no_data` and `error` hide what was, and `firing` says it still.
    """

    alert_id: str
    source: Source
    labels: Labels
    annotations: Labels
    state: str
    firing: bool
    active_at_ns: int
    fired_at_ns: int
    resolved_at_ns: int
    generator_url: str
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    receivers: tuple[str, ...]
    acknowledgement: Acknowledgement | None
    flapping: bool

    @property
    def service(self) -> str | None:
        return service_of(self.labels)

    @property
    def severity(self) -> str | None:
        return self.labels.get("severity")


@dataclass(frozen=True, slots=True)
class Picture:
    """What the engine knew at one moment; nothing in it changes any more."""

    now_ns: int
    rules: Sequence[tuple[Planned, AlertingRule, Instances]]
    known: Mapping[str, Alert]
    silences: Silences
    configuration: Configuration
    acknowledgements: Mapping[str, Acknowledgement]
    transitions: Mapping[str, int]


def picture(engine: Engine) -> Picture:
    """To be asked of the engine's loop. Raises StorageUnavailable."""
    now_ns = engine.clock.now_ns()
    rules = [
        (running.planned, rule, state.instances)
        for running in engine.rules.running
        for rule, state in zip(running.planned.group.rules, running.states, strict=True)
        if isinstance(rule, AlertingRule)
    ]
    return Picture(
        now_ns,
        rules,
        engine.dispatcher.known.all,
        engine.dispatcher.silences,
        engine.dispatcher.configured.configuration,
        engine.acknowledgements.all(),
        engine.alert_events.transitions(now_ns),
    )


def current(seen: Picture, only: Collection[str] | None = None) -> list[Current]:
    """Those of rules, in the order of their files, then those of others; all, or with these ids."""
    view = _View(seen)
    known = set[str]()
    of_rules = list(_of_rules(seen, view, only, known))
    return [*of_rules, *_of_others(seen, view, only, known)]


def _of_rules(
    seen: Picture, view: "_View", only: Collection[str] | None, known: set[str]
) -> Iterator[Current]:
    """Fills `known` with the ids of all."""
    for planned, rule, instances in seen.rules:
        surroundings, kind = planned.surroundings, planned.kind_of(rule)
        url = generator_url(rule, surroundings.external_url)
        for instance in instances.values():
            labels = {**surroundings.external_labels, **instance.labels}
            fired_at_ns = instance.fired_at_ns
            alert = Alert(labels, instance.annotations, fired_at_ns, generator_url=url)
            known.add(alert.fingerprint)
            if only is None or alert.fingerprint in only:
                source = Source(rule.name, planned.group.name, kind, instance.value)
                yield view.of_instance(instance, source, alert)


def _of_others(
    seen: Picture, view: "_View", only: Collection[str] | None, known: set[str]
) -> Iterator[Current]:
    for alert_id, alert in seen.known.items():
        # Those of rules go as their rules forget them, which may be a little earlier.
        wanted = only is None or alert_id in only
        if wanted and alert_id not in known and not alert.resolved(seen.now_ns - KEPT_NS):
            yield view.of_alert(alert)


class _View:
    def __init__(self, seen: Picture) -> None:
        self._seen = seen
        rules = seen.configuration.inhibit_rules
        self._inhibitor = Inhibitor(rules, seen.known.values(), seen.now_ns)

    def of_instance(self, instance: Instance, source: Source, alert: Alert) -> Current:
        return self._current(
            alert,
            source,
            instance.shown,
            instance.active_at_ns,
            instance.resolved_at_ns,
            firing=instance.state is State.FIRING,
        )

    def of_alert(self, alert: Alert) -> Current:
        resolved = alert.resolved(self._seen.now_ns)
        return self._current(
            alert,
            Source(alert.name, None, EXTERNAL),
            str(State.RESOLVED if resolved else State.FIRING),
            alert.starts_at_ns,
            alert.ends_at_ns if resolved else 0,
            firing=not resolved,
        )

    def _current(
        self,
        alert: Alert,
        source: Source,
        state: str,
        active_at_ns: int,
        resolved_at_ns: int,
        *,
        firing: bool,
    ) -> Current:
        seen, alert_id = self._seen, alert.fingerprint
        said = seen.acknowledgements.get(alert_id)
        holds = said is not None and firing and said.starts_at_ns == alert.starts_at_ns
        return Current(
            alert_id=alert_id,
            source=source,
            labels=alert.labels,
            annotations=alert.annotations,
            state=state,
            firing=firing,
            active_at_ns=active_at_ns,
            fired_at_ns=alert.starts_at_ns,
            resolved_at_ns=resolved_at_ns,
            generator_url=alert.generator_url,
            silenced_by=silenced_by(alert, seen.silences, seen.now_ns),
            inhibited_by=self._inhibitor.muted_by(alert),
            receivers=seen.configuration.receivers_of(alert.labels),
            acknowledgement=said if holds else None,
            flapping=seen.transitions.get(alert_id, 0) >= FLAPPING_TRANSITIONS,
        )
