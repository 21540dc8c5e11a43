"""Transitions as rows of the table `alert_events`."""

import json
import math

from alerting.engine.planned import Planned
from alerting.labels import Labels, fingerprint
from alerting.rules.definitions import AlertingRule
from alerting.rules.events import Event
from alerting.rules.group import Outcome
from alerting.rules.instance import Key
from alerting.rules.querying import identity
from alerting.state.outbox import Line


def event_line(
    event: Event, rule_group: str, kind: str, annotations: Labels, actor: str = ""
) -> Line:
    """`actor` is who did it, where a person did."""
    return {
        "time": event.at_ns,
        "rule": event.rule,
        "rule_group": rule_group,
        "kind": kind,
        "alert_id": fingerprint(event.labels),
        "labels": written(event.labels),
        "annotations": written(annotations),
        "service_name": event.labels.get("service_name") or event.labels.get("service"),
        "severity": event.labels.get("severity"),
        "before": event.before,
        "after": event.after,
        "reason": str(event.reason),
        "value": event.value if math.isfinite(event.value) else None,
        "detail": event.detail or None,
        "actor": actor or None,
    }


def written(labels: Labels) -> str:
    """Canonical JSON."""
    return json.dumps(dict(sorted(labels.items())), ensure_ascii=False, separators=(",", ":"))


def lines_of(planned: Planned, outcome: Outcome) -> list[Line]:
    """All transitions of an evaluation, with the annotations that their alerts have now."""
    kinds = {one.name: planned.kind_of(one) for one in planned.group.rules
             if isinstance(one, AlertingRule)}  # fmt: skip
    known: dict[Key, Labels] = {}
    for state in outcome.states:
        known.update({key: one.annotations for key, one in state.instances.items()})
    return [
        event_line(one, planned.group.name, kinds[one.rule], known.get(identity(one.labels), {}))
        for one in outcome.events
    ]
