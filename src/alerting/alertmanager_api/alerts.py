"""Alerts as Alertmanager lists and takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alerting import regex
from alerting.alert import Alert, received
from alerting.alertmanager_api.answers import bad_request, time_text
from alerting.alertmanager_api.bodies import Body
from alerting.alertmanager_api.parameters import Parameters
from alerting.engine.engine import Engine
from alerting.labels import written
from alerting.matching.matcher import Matchers, all_match
from alerting.routing.configuration import Configuration
from alerting.routing.inhibition import Inhibitor
from alerting.routing.silences import Silences, silenced_by


@dataclass(frozen=True)
class Scene:
    """All that says how an alert stands at one moment."""

    now_ns: int
    alerts: Sequence[Alert]
    silences: Silences
    configuration: Configuration
    inhibitor: Inhibitor


def scene(engine: Engine) -> Scene:
    """To be asked of the engine's loop."""
    now_ns, dispatcher = engine.clock.now_ns(), engine.dispatcher
    configuration, known = dispatcher.configured.configuration, dispatcher.known.all.values()
    inhibitor = Inhibitor(configuration.inhibit_rules, known, now_ns)
    return Scene(now_ns, tuple(known), dispatcher.silences, configuration, inhibitor)


@dataclass(frozen=True)
class Wanted:
    """What is to be listed; alerts that are over never are."""

    active: bool
    silenced: bool
    inhibited: bool
    matchers: Matchers

    @classmethod
    def of(cls, asked: Parameters) -> "Wanted":
        """Raises Refused."""
        active, silenced, inhibited = map(asked.flag, ("active", "silenced", "inhibited"))
        return cls(active, silenced, inhibited, asked.matchers())

    def takes(self, alert: Alert, standing: "Standing", now_ns: int) -> bool:
        return (
            not alert.resolved(now_ns)
            and (self.active or standing.suppressed)
            and (self.silenced or not standing.silenced_by)
            and (self.inhibited or not standing.inhibited_by)
            and all_match(self.matchers, alert.labels)
        )


@dataclass(frozen=True)
class Standing:
    """By whom an alert is muted."""

    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]

    @property
    def suppressed(self) -> bool:
        return bool(self.silenced_by or self.inhibited_by)


def standing(alert: Alert, seen: Scene) -> Standing:
    by = silenced_by(alert, seen.silences, seen.now_ns)
    return Standing(by, seen.inhibitor.muted_by(alert))


def listed(seen: Scene, asked: Parameters) -> list[dict[str, Any]]:
    """Sorted by fingerprint. Raises Refused."""
    wanted, pattern = Wanted.of(asked), asked.pattern("receiver")
    # Ours have no labels that these could match.
    nobody = not all_match(asked.matchers("receiver_matchers"), {})
    found = list[dict[str, Any]]()
    for alert in sorted(seen.alerts, key=lambda one: one.fingerprint):
        receivers = seen.configuration.receivers_of(alert.labels)
        if nobody or not told(receivers, pattern):
            continue
        stands = standing(alert, seen)
        if wanted.takes(alert, stands, seen.now_ns):
            found.append(shown(alert, stands, receivers))
    return found


def told(receivers: Sequence[str], pattern: str | None) -> bool:
    """Whether one of them is meant."""
    return pattern is None or any(regex.matches(pattern, name) for name in receivers)


def shown(
    alert: Alert, stands: Standing, receivers: Sequence[str], muted_by: Sequence[str] = ()
) -> dict[str, Any]:
    """As JSON; `muted_by` are time intervals that mute its whole group."""
    return {
        "annotations": dict(alert.annotations),
        "endsAt": time_text(alert.ends_at_ns),
        "fingerprint": alert.fingerprint,
        "receivers": [{"name": name} for name in receivers],
        "startsAt": time_text(alert.starts_at_ns),
        "status": {
            "inhibitedBy": list(stands.inhibited_by),
            "mutedBy": list(muted_by),
            "silencedBy": list(stands.silenced_by),
            "state": "suppressed" if stands.suppressed or muted_by else "active",
        },
        "updatedAt": time_text(alert.updated_at_ns),
        **({"generatorURL": alert.generator_url} if alert.generator_url else {}),
        "labels": dict(alert.labels),
    }


def posted(bodies: Sequence[Body]) -> list[Alert]:
    """What others report, as they wrote it. Raises Refused."""
    return [
        Alert(
            labels=body.labels("labels", needed=True),
            annotations=body.labels("annotations"),
            starts_at_ns=body.optional_time_ns("startsAt"),
            ends_at_ns=body.optional_time_ns("endsAt"),
            generator_url=body.optional_text("generatorURL"),
        )
        for body in bodies
    ]


def take(engine: Engine, alerts: Sequence[Alert]) -> None:
    """Keeps those that are valid. Raises Refused where some are not, and StorageUnavailable."""
    now_ns = engine.clock.now_ns()
    timeout_ns = engine.dispatcher.configured.configuration.resolve_timeout_ns
    stamped = [received(alert, now_ns, timeout_ns) for alert in alerts]
    faults = [_fault(alert) for alert in stamped]
    engine.receive([one for one, fault in zip(stamped, faults, strict=True) if not fault])
    told_faults = [fault for fault in faults if fault]
    if told_faults:
        raise bad_request("; ".join(told_faults))


def _fault(alert: Alert) -> str:
    if not alert.labels:
        return "at least one label pair required"
    if "" in alert.labels:
        return f"invalid label set: invalid name in {written(alert.labels)}"
    if alert.ends_at_ns < alert.starts_at_ns:
        return "start time must be before end time"
    return ""
