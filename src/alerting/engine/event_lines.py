"""Transitions as rows of the table `alert_events`."""

import json
import math
from collections.abc import Iterable, Mapping

from alerting.engine.planned import Planned
from alerting.labels import Labels, fingerprint
from alerting.rules.events import Event
from alerting.rules.group import Outcome
from alerting.rules.instance import Key
from alerting.rules.querying import identity
from alerting.state.outbox import Line


def event_lines(
    planned: Planned, events: Iterable[Event], annotations: Mapping[Key, Labels]
) -> list[Line]:
    """With the annotations that the alerts have now."""
    kinds = planned.kinds
    return [
        _line(one, planned, kinds.get(one.rule), annotations.get(identity(one.labels), {}))
        for one in events
    ]


def _line(event: Event, planned: Planned, kind: str | None, annotations: Labels) -> Line:
    # The alert is named as those are told of it who get notifications.
    labels = {**planned.surroundings.external_labels, **event.labels}
    return {
        "time": event.at_ns,
        "rule": event.rule,
        "rule_group": planned.group.name,
        "kind": kind,
        **about(labels, annotations),
        "before": event.before,
        "after": event.after,
        "reason": str(event.reason),
        "value": event.value if math.isfinite(event.value) else None,
        "detail": event.detail or None,
        "actor": None,
    }


def about(labels: Labels, annotations: Labels) -> Line:
    """The columns that say which alert it is."""
    return {
        "alert_id": fingerprint(labels),
        "labels": written(labels),
        "annotations": written(annotations),
        "service_name": service_of(labels),
        "severity": labels.get("severity"),
    }


def service_of(labels: Labels) -> str | None:
    """The service that an alert is about, where it says so."""
    return labels.get("service_name") or labels.get("service")


def written(labels: Labels) -> str:
    """Canonical JSON."""
    return json.dumps(dict(sorted(labels.items())), ensure_ascii=False, separators=(",", ":"))


def lines_of(planned: Planned, outcome: Outcome) -> list[Line]:
    """All transitions of an evaluation."""
    known: dict[Key, Labels] = {}
    for state in outcome.states:
        known.update({key: one.annotations for key, one in state.instances.items()})
    return event_lines(planned, outcome.events, known)
