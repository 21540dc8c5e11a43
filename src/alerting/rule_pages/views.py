"""Rules as they are listed: what they say, and how they fare."""

from collections.abc import Iterable, Iterator
from typing import Any

from alerting.durations import duration_text
from alerting.engine.planned import API, Running
from alerting.plain import moment
from alerting.rule_pages.expressions import written
from alerting.rules.definitions import AlertingRule, Rule
from alerting.rules.group import RuleState
from alerting.rules.instance import Instances, State


def rules(groups: Iterable[Running]) -> Iterator[dict[str, Any]]:
    """One object a rule, in the order of their files."""
    for running in groups:
        for rule, state in zip(running.planned.group.rules, running.states, strict=True):
            yield _rule(running, rule, state)


def group(running: Running) -> dict[str, Any]:
    """A group with its rules."""
    planned = running.planned.group
    return {
        "rule_group": planned.name,
        "file": planned.file,
        "read_only": _read_only(running),
        "interval_s": running.schedule.interval_ns / 1e9,
        "limit": planned.limit,
        "evaluated_time": _evaluated(running),
        "evaluation_duration_ns": round(running.duration_s * 1e9),
        "evaluations_missed": running.missed,
        "error": running.error or None,
        "rules": list(rules([running])),
    }


def _rule(running: Running, rule: Rule, state: RuleState) -> dict[str, Any]:
    planned = running.planned.group
    common = {
        "name": rule.name,
        "rule_group": planned.name,
        "file": planned.file,
        "line": rule.line,
        "read_only": _read_only(running),
        **written(rule.expression),
        "labels": dict(rule.labels),
        "health": str(state.health),
        "error": state.error or None,
        "evaluated_time": moment(state.evaluated_at_ns),
    }
    if not isinstance(rule, AlertingRule):
        return {**common, "kind": "recording", "series": len(state.written)}
    return {
        **common,
        "kind": "alerting",
        "for": duration_text(rule.hold_ns),
        "keep_firing_for": duration_text(rule.keep_firing_ns),
        "annotations": dict(rule.annotations),
        "no_data": str(rule.no_data),
        "error_means": str(rule.error),
        "template_errors": state.template_errors,
        "state": shown_state(state.instances),
        "alerts": _counts(state.instances),
    }


def shown_state(instances: Instances) -> str:
    """The gravest of its alerts', as Prometheus has it."""
    states = {one.state for one in instances.values()}
    for grave in (State.FIRING, State.PENDING):
        if grave in states:
            return str(grave)
    return str(State.INACTIVE)


def _counts(instances: Instances) -> dict[str, int]:
    states = [one.state for one in instances.values()]
    return {str(one): states.count(one) for one in (State.PENDING, State.FIRING)}


def _read_only(running: Running) -> bool:
    return running.planned.kind != "rules" or running.planned.group.file != API


def _evaluated(running: Running) -> str | None:
    return moment(max((state.evaluated_at_ns for state in running.states), default=0))
