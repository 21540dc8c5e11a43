"""Burn rates become alerts by the same state machine as all other rules."""

import numpy as np
import pytest
from support.slo_documents import NATIVE, OPENSLO, only

from alerting.durations import MINUTE_NS
from alerting.rules.definitions import AlertingRule, LogSearch, Unknown
from alerting.rules.group import Surroundings, evaluate, fresh
from alerting.rules.instance import Instance
from alerting.rules.restoring import restore
from alerting.rules.thresholds import Threshold
from alerting.slo.alerts import Budgets, groups
from alerting.slo.loader import load
from alerting.slo.minutes import Minutes
from alerting.slo.model import Slo
from goldeneye.errors import QueryFailed

DAY = 1_440
NOW = 29_000_000
PAGE_ONLY = (
    "service: shop\n    alerts:\n      - {severity: page, windows: [1h, 5m], burn_rate: 14.4"
)


def _steady(total: float = 100) -> Minutes:
    """Three days of good events, so many a minute."""
    every = np.full(3 * DAY, total)
    return Minutes.of_deltas(range(NOW - 3 * DAY, NOW), every, every)


def _events(first: int, end: int, good: float, bad: float) -> Minutes:
    count = end - first
    return Minutes.of_deltas(range(first, end), np.full(count, good), np.full(count, good + bad))


class World:
    """An SLO's group on a virtual clock."""

    def __init__(self, slo: Slo, minutes: Minutes) -> None:
        (self.group,) = groups((slo,))
        self.states = fresh(self.group)
        self.minutes: Minutes | Exception = minutes
        self.budgets = Budgets((slo,), lambda *_: self._minutes())

    def _minutes(self) -> Minutes:
        if isinstance(self.minutes, Exception):
            raise self.minutes
        return self.minutes

    def add(self, more: Minutes) -> None:
        self.minutes = self._minutes().plus(more)

    def at(self, minute: int) -> dict[str, str]:
        """Evaluate; the state of each severity's alert."""
        surroundings = Surroundings(self.budgets, lambda _: None)
        outcome = evaluate(self.group, self.states, surroundings, minute * MINUTE_NS)
        self.states = outcome.states
        return {one.labels["severity"]: one.shown for one in self.alerts}

    @property
    def alerts(self) -> list[Instance]:
        return [one for state in self.states for one in state.instances.values()]

    @property
    def health(self) -> list[str]:
        return [str(state.health) for state in self.states]


def test_an_outage_pages_in_its_first_minute_and_ends_after_its_short_windows() -> None:
    """One minute of 60 is 16.7 times what 99.9 % allow; three of 360 are 8.3 times that."""
    world = World(only(NATIVE), _steady())
    assert world.at(NOW - 1) == {}
    world.add(_events(NOW, NOW + 1, 0, 100))
    assert world.at(NOW) == {"page": "firing"}
    (page,) = world.alerts
    assert page.labels == {
        "alertname": "ErrorBudgetBurn",
        "slo": "checkout",
        "service_name": "shop",
        "severity": "page",
    }
    assert page.value == pytest.approx(1000 / 60)
    assert page.annotations == {
        "summary": "checkout burns its error budget 16.67 times as fast as it may over 1h and 5m "
        "(limit 14.4, target 99.9 %)",
        "window": "1h and 5m",
        "burn_rate": "16.67",
        "limit": "14.4",
    }
    world.add(_events(NOW + 1, NOW + 3, 0, 100))
    world.add(_events(NOW + 3, NOW + 60, 100, 0))
    assert world.at(NOW + 6)["page"] == "firing"
    assert world.alerts[0].annotations["window"] == "1h and 5m"
    # The 5 minutes are over at NOW + 7; the half hour lasts until NOW + 32.
    assert world.at(NOW + 7)["page"] == "firing"
    assert world.alerts[0].annotations["window"] == "6h and 30m"
    assert world.at(NOW + 31)["page"] == "firing"
    assert world.at(NOW + 32)["page"] == "resolved"


def test_a_slow_burn_is_a_ticket() -> None:
    """0.4 % of errors for a day: 4 times what the budget allows, of which a ticket allows 3."""
    world = World(only(NATIVE), _steady(1000))
    world.add(_events(NOW - DAY, NOW, -4, 4))
    assert world.at(NOW - 1) == {"ticket": "firing"}
    assert world.alerts[0].annotations["window"] == "1d and 2h"
    assert world.alerts[0].value == pytest.approx(4)


def test_low_traffic_waits_for_a_minimum_of_bad_events() -> None:
    slo = only(NATIVE, ("good: status", "minimum_bad_events: 5\n    good: status"))
    world = World(slo, _steady(0.01))
    world.add(_events(NOW, NOW + 1, 0, 4))
    assert world.at(NOW) == {}
    world.add(_events(NOW, NOW + 1, 0, 1))
    assert world.at(NOW)["page"] == "firing"


def test_exclusions_page_nobody() -> None:
    own = NATIVE + f"    exclusions: [{{start: {_rfc(NOW)}, end: {_rfc(NOW + 10)}}}]\n"
    world = World(only(own), _steady())
    world.add(_events(NOW, NOW + 10, 0, 100))
    assert world.at(NOW + 9) == {}
    world.add(_events(NOW + 10, NOW + 11, 0, 100))
    assert world.at(NOW + 10)["page"] == "firing"


def _rfc(minute: int) -> str:
    return str(np.datetime64(minute, "m")) + ":00Z"


def test_without_traffic_nothing_is_known() -> None:
    world = World(only(NATIVE), Minutes.none())
    assert world.at(NOW) == {}
    assert world.health == ["no_data", "no_data"]
    world.add(_events(NOW + 1, NOW + 2, 0, 100))
    assert world.at(NOW + 1)["page"] == "firing"


def test_a_policy_may_page_for_want_of_data() -> None:
    policy = """
  alertPolicies:
    - kind: AlertPolicy
      metadata: {name: fast}
      spec:
        alertWhenNoData: true
        conditions:
          - kind: AlertCondition
            metadata: {name: burn}
            spec:
              severity: page
              condition: {kind: burnrate, op: gt, threshold: 10, lookbackWindow: 1h, alertAfter: 5m}
"""
    slo = only(OPENSLO.rstrip() + policy)
    assert groups((slo,))[0].rules[0].no_data is Unknown.FIRE  # type: ignore[union-attr]
    world = World(slo, _steady())
    assert world.at(NOW + 30) == {}
    assert world.at(NOW + 60) == {"page": "no_data"}
    assert world.at(NOW + 65) == {"page": "no_data"}
    assert str(world.alerts[0].state) == "firing"
    world.add(_events(NOW + 66, NOW + 67, 100, 0))
    assert world.at(NOW + 66)["page"] == "resolved"
    quiet = only(
        OPENSLO.rstrip()
        + policy.replace("conditions:", "alertWhenBreaching: false\n        conditions:")
    )
    world = World(quiet, _steady())
    world.add(_events(NOW, NOW + 10, 0, 100))
    assert world.at(NOW + 10) == {}


def test_an_alert_may_outlast_its_traffic() -> None:
    kept = ("service: shop", PAGE_ONLY + "}\n    no_data: keep")
    world = World(only(NATIVE, kept), _steady())
    world.add(_events(NOW, NOW + 1, 0, 100))
    assert world.at(NOW) == {"page": "firing"}
    assert world.at(NOW + 30) == {"page": "no_data"}
    assert str(world.alerts[0].state) == "firing"
    world.add(_events(NOW + 31, NOW + 36, 100, 0))
    assert world.at(NOW + 35) == {"page": "resolved"}


def test_an_alert_is_pending_for_as_long_as_it_is_to_hold() -> None:
    world = World(only(NATIVE, ("service: shop", PAGE_ONLY + ", for: 3m}")), _steady())
    world.add(_events(NOW, NOW + 10, 0, 100))
    assert [world.at(NOW + minute)["page"] for minute in range(4)] == ["pending"] * 3 + ["firing"]


def test_windows_of_one_alert_hold_for_times_of_their_own() -> None:
    rows = PAGE_ONLY + "}\n      - {severity: page, windows: [30m], burn_rate: 2, for: 5m}"
    world = World(only(NATIVE, ("service: shop", rows)), _steady(1000))
    # 10 bad of 30,000 would be a third of the budget's pace; 100 of them are 3.3 times that.
    world.add(_events(NOW, NOW + 1, 900, 100))
    world.add(_events(NOW + 1, NOW + 10, 1000, 0))
    assert world.at(NOW + 4) == {}
    assert world.at(NOW + 5) == {"page": "firing"}
    assert world.alerts[0].annotations["window"] == "30m"


def test_what_cannot_be_counted_leaves_alerts_as_they_are() -> None:
    world = World(only(NATIVE), _steady())
    world.add(_events(NOW, NOW + 1, 0, 100))
    world.at(NOW)
    world.minutes = QueryFailed("too heavy")
    assert world.at(NOW + 60) == {"page": "error"}
    assert world.health == ["error", "error"]
    assert world.states[0].error == "too heavy"


def test_a_restart_goes_on_with_what_fires() -> None:
    world = World(only(NATIVE), _steady())
    world.add(_events(NOW, NOW + 1, 0, 100))
    world.at(NOW)
    rule, saved = world.group.rules[0], world.states[0].instances
    restored = restore(rule, saved, NOW * MINUTE_NS, (NOW + 2) * MINUTE_NS)  # type: ignore[arg-type]
    assert [one.shown for one in restored.instances.values()] == ["firing"]


def test_objectives_and_policies_of_one_severity_are_told_apart() -> None:
    objectives = "objectives: [{target: 0.999, displayName: a}, {target: 0.99, displayName: b}]"
    slo = only(OPENSLO, ("objectives: [{target: 0.999}]", objectives))
    (group,) = groups((slo,))
    assert [(one.labels["objective"], one.labels["severity"]) for one in group.rules] == [
        ("a", "page"),
        ("a", "ticket"),
        ("b", "page"),
        ("b", "ticket"),
    ]
    assert groups((only(NATIVE, ("service: shop", "service: shop\n    alerts: none")),)) == ()


def test_nothing_else_can_be_asked_of_budgets() -> None:
    budgets = Budgets((), lambda *_: Minutes.none())
    for ask in (
        lambda: budgets.instant("x", 0),
        lambda: budgets.sql("SELECT 1", 0),
        lambda: budgets.logs(LogSearch("x", 1, Threshold(">", 0)), 0),
    ):
        with pytest.raises(QueryFailed):
            ask()
    assert budgets.present("x", 0) is None


def test_targets_and_ends_that_nobody_is_told_of_are_told_to_the_routing() -> None:
    policy = """
    - kind: AlertPolicy
      metadata: {name: burning}
      spec:
        alertWhenResolved: false
        conditions:
          - kind: AlertCondition
            metadata: {name: fast}
            spec: {severity: page, condition: {threshold: 10, lookbackWindow: 1h}}
        notificationTargets:
          - targetRef: crew
          - {kind: AlertNotificationTarget, metadata: {name: boss}, spec: {target: email}}
"""
    crew = """---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: crew}
spec: {target: slack}
"""
    text = f"{OPENSLO}  alertPolicies:{policy}{crew}"
    (rule,) = groups(load({"slo.yaml": text}).slos)[0].rules
    assert rule.labels["notification_target"] == "crew,boss"
    assert isinstance(rule, AlertingRule)
    assert rule.annotations == {"send_resolved": "false"}
    plain = text.replace("alertWhenResolved: false", "alertWhenResolved: true")
    (rule,) = groups(load({"slo.yaml": plain}).slos)[0].rules
    assert isinstance(rule, AlertingRule)
    assert rule.annotations == {}
    (rule, *_) = groups((only(NATIVE),))[0].rules
    assert "notification_target" not in rule.labels
