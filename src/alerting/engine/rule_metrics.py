"""What is measured of the evaluations of groups and rules."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from alerting.engine.planned import Running
from alerting.rules.group import Health, Outcome
from alerting.rules.schedule import Slot
from goldeneye.telemetry import (
    RULE_EVALUATION_SECONDS,
    RULE_EVALUATIONS,
    RULE_EVALUATIONS_MISSED,
    RULE_FAILURES,
    RULE_TEMPLATE_ERRORS,
)

_OF_GROUPS: Final = (RULE_EVALUATIONS, RULE_EVALUATIONS_MISSED)
_OF_RULES: Final = (RULE_FAILURES, RULE_TEMPLATE_ERRORS)


def measure(running: Running, slot: Slot, outcome: Outcome) -> None:
    """One evaluation; the states of before are still those of `running`."""
    group = running.planned.group
    RULE_EVALUATION_SECONDS.observe(running.duration_s)
    RULE_EVALUATIONS_MISSED.labels(group.name).inc(slot.missed)
    for rule, before, state in zip(group.rules, running.states, outcome.states, strict=True):
        RULE_EVALUATIONS.labels(group.name).inc()
        failed_templates = state.template_errors - before.template_errors
        if failed_templates:
            RULE_TEMPLATE_ERRORS.labels(group.name, rule.name).inc(failed_templates)
        if state.health is Health.ERROR:
            RULE_FAILURES.labels(group.name, rule.name).inc()


def count_failure(running: Running) -> None:
    """Of all rules of a group that could not be evaluated."""
    for rule in running.planned.group.rules:
        RULE_FAILURES.labels(running.planned.group.name, rule.name).inc()


def forget(before: Sequence[Running], after: Sequence[Running]) -> None:
    """Groups may come and go by the API as often as somebody likes."""
    for labels in _names(before) - _names(after):
        of_group = len(labels) == 1
        for metric in _OF_GROUPS if of_group else _OF_RULES:
            with suppress(KeyError):
                metric.remove(*labels)


def _names(groups: Sequence[Running]) -> set[tuple[str, ...]]:
    """Of the groups, and of their rules with them."""
    of_groups = {(one.planned.group.name,) for one in groups}
    return of_groups | {
        (one.planned.group.name, rule.name) for one in groups for rule in one.planned.group.rules
    }
