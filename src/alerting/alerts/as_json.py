"""Alerts and what is told of them, as JSON."""

import json
from typing import Any

from alerting.alerts.current import Current
from alerting.alerts.history import Row
from alerting.plain import moment, number
from alerting.state.acknowledgements import Acknowledgement

_TIMES = ("time", "received_time", "last_fired_time")
_DOCUMENTS = ("labels", "annotations", "group_labels")


def alert(one: Current) -> dict[str, Any]:
    """One of now."""
    value = one.source.value
    return {
        "alert_id": one.alert_id,
        "rule": one.source.rule,
        "rule_group": one.source.rule_group,
        "kind": one.source.kind,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "service_name": one.service,
        "severity": one.severity,
        "state": one.state,
        "value": None if value is None else number(value),
        "active_time": moment(one.active_at_ns),
        "fired_time": moment(one.fired_at_ns),
        "resolved_time": moment(one.resolved_at_ns),
        "generator_url": one.generator_url,
        "silenced_by": list(one.silenced_by),
        "inhibited_by": list(one.inhibited_by),
        "acknowledged": _acknowledged(one.acknowledgement),
        "receivers": list(one.receivers),
        "flapping": one.flapping,
    }


def event(row: Row) -> dict[str, Any]:
    """One change of the past; its state is the one that the alert changed to."""
    return {**plain_row(row), "state": row["after"]}


def plain_row(row: Row) -> dict[str, Any]:
    """A row of a table."""
    return {name: _plain(name, value) for name, value in row.items()}


def _plain(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return moment(value)
    if name in _DOCUMENTS:
        return json.loads(value)
    return number(value) if isinstance(value, float) else value


def _acknowledged(said: Acknowledgement | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {"by": said.by, "time": moment(said.at_ns), "comment": said.comment}
