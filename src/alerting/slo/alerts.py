"""Burn-rate alerts as rules, so that they begin, end and outlive restarts as all alerts do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from alerting.alert import SEND_RESOLVED
from alerting.durations import MILLISECOND_NS, MINUTE_NS
from alerting.labels import Labels
from alerting.rules.definitions import AlertingRule, Burn, Group, LogSearch, Unknown
from alerting.rules.querying import Sample, Vector
from alerting.slo.burn_rate import AlertState
from alerting.slo.lengths import length_text
from alerting.slo.minutes import Minutes
from alerting.slo.model import AlertPolicy, Objective, Slo
from alerting.slo.report import PolicyState, policy_states
from goldeneye.errors import QueryFailed

ALERT: Final = "ErrorBudgetBurn"
# The label with the names of the targets of a policy, which routes may match.
TARGET: Final = "notification_target"
# The minutes of an objective, as far back as its alerts look. Raises GoldeneyeError.
MinutesOf = Callable[[Slo, Objective], Minutes]


def groups(slos: Sequence[Slo]) -> tuple[Group, ...]:
    """One for each SLO: a rule for each of its objectives' policies."""
    return tuple(
        Group(slo.name, _rules(slo), slo.place.file, line=slo.place.line)
        for slo in slos
        if slo.policies
    )


def _rules(slo: Slo) -> tuple[AlertingRule, ...]:
    return tuple(
        AlertingRule(
            name=ALERT,
            expression=Burn(slo.name, objective.name, policy.name),
            hold_ns=_hold_minutes(policy) * MINUTE_NS,
            labels=_labels(slo, objective, policy),
            annotations=_annotations(slo, policy),
            no_data=Unknown(policy.no_data),
            line=slo.place.line,
        )
        for objective in slo.objectives
        for policy in slo.policies
    )


def _labels(slo: Slo, objective: Objective, policy: AlertPolicy) -> Labels:
    """Two policies of one severity, or objectives, would be one alert without their names."""
    several = [one.severity for one in slo.policies].count(policy.severity) > 1
    return {
        **dict(slo.labels),
        "slo": slo.name,
        "service_name": slo.service,
        "severity": policy.severity,
        **({"policy": policy.name} if several else {}),
        **({TARGET: ",".join(one.name for one in policy.targets)} if policy.targets else {}),
        **({"objective": objective.name} if len(slo.objectives) > 1 else {}),
    }


def _annotations(slo: Slo, policy: AlertPolicy) -> dict[str, str]:
    quiet = {} if policy.when_resolved else {SEND_RESOLVED: "false"}
    return {**dict(slo.annotations), **quiet}


def _hold_minutes(policy: AlertPolicy) -> int:
    """How long all of its alerts must have held; what one of them asks beyond that is its own."""
    return min(alert.after_minutes for alert in policy.alerts)


@dataclass(frozen=True)
class Budgets:
    """What the rules of `groups` ask."""

    slos: Sequence[Slo]
    minutes: MinutesOf
    _places: dict[tuple[str, str], tuple[Slo, Objective]] = field(init=False)

    def __post_init__(self) -> None:
        places = {(s.name, one.name): (s, one) for s in self.slos for one in s.objectives}
        object.__setattr__(self, "_places", places)

    def burning(self, expression: Burn, at_ms: int) -> Vector:
        """One sample where the policy's alert is to fire: the burn rate of its longest window.

        Its value is None where each of its alerts has a window without traffic. Raises
        QueryFailed.
        """
        slo, objective = self._places[expression.slo, expression.objective]
        asked = _Asked(slo, objective, self.minutes(slo, objective))
        state = asked.state(expression.policy, at_ms * MILLISECOND_NS)
        if state.no_data:
            return [Sample({}, None)]
        policy = next(one for one in slo.policies if one.name == expression.policy)
        if not policy.when_breaching:
            return []
        for alert in state.alerts:
            if alert.fires and asked.held(alert, policy, at_ms * MILLISECOND_NS):
                return [_sample(slo, objective, alert)]
        return []

    def instant(self, expr: str, at_ms: int) -> Vector:
        raise QueryFailed("the texts of an objective's alerts cannot ask queries")

    def present(self, expr: str, at_ms: int) -> Sequence[Labels] | None:
        return None

    def sql(self, statement: str, at_ms: int) -> Vector:
        raise QueryFailed("an objective's alerts ask for its budget alone")

    def logs(self, search: LogSearch, at_ms: int) -> Vector:
        raise QueryFailed("an objective's alerts ask for its budget alone")


@dataclass(frozen=True)
class _Asked:
    slo: Slo
    objective: Objective
    minutes: Minutes

    def state(self, policy: str, at_ns: int) -> PolicyState:
        states = policy_states(self.slo, self.objective, self.minutes, at_ns)
        return next(one for one in states if one.name == policy)

    def held(self, found: AlertState, policy: AlertPolicy, at_ns: int) -> bool:
        """Whether it fired in each of the minutes that the policy's hold does not wait for."""
        more = found.alert.after_minutes - _hold_minutes(policy)
        earlier = (self.state(policy.name, at_ns - back * MINUTE_NS) for back in range(1, more + 1))
        return all(_of(state, found).fires for state in earlier)


def _of(state: PolicyState, found: AlertState) -> AlertState:
    return next(one for one in state.alerts if one.alert == found.alert)


def _sample(slo: Slo, objective: Objective, found: AlertState) -> Sample:
    longest = max(found.conditions, key=lambda one: one.condition.minutes)
    assert longest.burn_rate is not None, "it fires"
    windows = " and ".join(length_text(one.condition.minutes) for one in found.conditions)
    rate, limit = f"{longest.burn_rate:.4g}", f"{longest.condition.threshold:.4g}"
    summary = (
        f"{slo.display_name or slo.name} burns its error budget {rate} times as fast as it may "
        f"over {windows} (limit {limit}, target {float(objective.target * 100):g} %)"
    )
    annotations = {"summary": summary, "window": windows, "burn_rate": rate, "limit": limit}
    if slo.description:
        annotations["description"] = slo.description
    return Sample({}, longest.burn_rate, annotations=annotations)
