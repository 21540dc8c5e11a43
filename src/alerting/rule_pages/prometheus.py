"""Rules and alerts as Prometheus's API tells them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from alerting.engine.planned import Running
from alerting.matching.matcher import Matchers, all_match
from alerting.plain import number_text, rfc3339
from alerting.rule_pages.expressions import as_text
from alerting.rule_pages.views import shown_state
from alerting.rules.definitions import AlertingRule, Rule
from alerting.rules.group import Health, RuleState
from alerting.rules.instance import Instance

_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Wanted:
    """Empty collections are all."""

    kind: Literal["alert", "record"] | None = None
    rule_names: Collection[str] = ()
    group_names: Collection[str] = ()
    files: Collection[str] = ()
    exclude_alerts: bool = False
    # Of rules' own labels; one of these has to match.
    matchers: Collection[Matchers] = ()

    def group(self, running: Running) -> bool:
        group = running.planned.group
        return (not self.group_names or group.name in self.group_names) and (
            not self.files or group.file in self.files
        )

    def rule(self, rule: Rule) -> bool:
        alerting = isinstance(rule, AlertingRule)
        of_kind = self.kind is None or alerting == (self.kind == "alert")
        named = not self.rule_names or rule.name in self.rule_names
        matching = not self.matchers or any(all_match(one, rule.labels) for one in self.matchers)
        return of_kind and named and matching


def groups(running: Iterable[Running], wanted: Wanted) -> list[dict[str, Any]]:
    """`data.groups` of `/rules`; groups without a wanted rule are left out."""
    found = [_group(one, wanted) for one in running if wanted.group(one)]
    return [one for one in found if one["rules"]]


def alerts(running: Iterable[Running]) -> list[dict[str, Any]]:
    """`data.alerts` of `/alerts`."""
    return [
        _alert(one)
        for group in running
        for state in group.states
        for one in state.instances.values()
        if one.is_active
    ]


def _group(running: Running, wanted: Wanted) -> dict[str, Any]:
    group = running.planned.group
    rules = [
        _rule(rule, state, wanted)
        for rule, state in zip(group.rules, running.states, strict=True)
        if wanted.rule(rule)
    ]
    return {
        "name": group.name,
        "file": group.file,
        "rules": rules,
        "interval": running.schedule.interval_ns / 1e9,
        "limit": group.limit,
        "evaluationTime": running.duration_s,
        "lastEvaluation": _time(max((s.evaluated_at_ns for s in running.states), default=0)),
    }


def _rule(rule: Rule, state: RuleState, wanted: Wanted) -> dict[str, Any]:
    common = {
        "name": rule.name,
        "query": as_text(rule.expression),
        "labels": dict(rule.labels),
        # Prometheus has no word for a lack of data.
        "health": "ok" if state.health is Health.NO_DATA else _health(state),
        **({"lastError": state.error} if state.error else {}),
        "evaluationTime": 0.0,
        "lastEvaluation": _time(state.evaluated_at_ns),
    }
    if not isinstance(rule, AlertingRule):
        return {**common, "type": "recording"}
    active = [one for one in state.instances.values() if one.is_active]
    return {
        **common,
        "type": "alerting",
        "state": shown_state(state.instances),
        "duration": rule.hold_ns / 1e9,
        "keepFiringFor": rule.keep_firing_ns / 1e9,
        "annotations": dict(rule.annotations),
        "alerts": [] if wanted.exclude_alerts else [_alert(one) for one in active],
    }


def _health(state: RuleState) -> str:
    return {"error": "err"}.get(str(state.health), str(state.health))


def _alert(instance: Instance) -> dict[str, Any]:
    since = instance.keep_firing_since_ns
    return {
        "labels": dict(instance.labels),
        "annotations": dict(instance.annotations),
        "state": str(instance.state),
        "activeAt": _time(instance.active_at_ns),
        **({"keepFiringSince": _time(since)} if since else {}),
        "value": _value(instance.value),
    }


def _value(value: float) -> str:
    """As Go writes it with `e` and the shortest digits."""
    text = f"{value:e}" if value == value and abs(value) != float("inf") else number_text(value)
    if "e" not in text:
        return text
    digits = repr(value) if value else "0"
    mantissa, exponent = f"{value:.{max(0, len(_significant(digits)) - 1)}e}".split("e")
    return f"{mantissa}e{exponent}"


def _significant(text: str) -> str:
    digits = text.lstrip("-").split("e")[0].replace(".", "")
    return digits.strip("0") or "0"


def _time(time_ns: int) -> str:
    return rfc3339(time_ns) if time_ns else _NEVER
