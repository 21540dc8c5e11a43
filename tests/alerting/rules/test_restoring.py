"""What holds after a restart; the cases are Prometheus's own arithmetic, worked out by hand."""

from dataclasses import replace

import pytest
from support.rules import MINUTE_NS, Timeline, alert, samples

from alerting.rules.instance import Instance, State
from alerting.rules.restoring import restore

HIT = samples(({"job": "a"}, 2.0))


def _saved(state: State, active_minute: int) -> Instance:
    return Instance({"alertname": "A"}, {}, state=state, active_at_ns=active_minute * MINUTE_NS)


@pytest.mark.parametrize(
    ("hold", "down", "now", "fires"),
    [
        (5, 3, 10, 15),  # shorter than the grace: it waits anew
        (30, 5, 15, 40),  # 25 min remained: they remain
        (30, 25, 35, 45),  # 5 min remained: the grace of 10
        (30, 20, 50, 60),  # exactly the grace remained
    ],
)
def test_the_clock_of_a_pending_alert(hold: int, down: int, now: int, fires: int) -> None:
    instance = _saved(State.PENDING, 0)
    rule = alert(hold_ns=hold * MINUTE_NS)
    found = restore(rule, {instance.key: instance}, down * MINUTE_NS, now * MINUTE_NS)
    (restored,) = found.instances.values()
    assert restored.active_at_ns + rule.hold_ns == fires * MINUTE_NS
    assert found.events == []


def _restarted(down: float, now: float) -> Timeline:
    line = Timeline(alert(hold_ns=MINUTE_NS))
    line.at(0, HIT)
    line.at(1)
    state = line.states[0]
    times = int(down * MINUTE_NS), int(now * MINUTE_NS)
    found = restore(alert(hold_ns=MINUTE_NS), state.instances, *times)
    line.states = (replace(state, instances=found.instances),)
    return line


def test_a_firing_alert_goes_on_firing() -> None:
    line = _restarted(1, 3)
    assert line.at(3) == ["firing"]
    assert line.told == []
    assert line.at(4, []) == ["resolved"]


def test_what_ended_in_a_short_outage_ends_at_once() -> None:
    assert _restarted(1, 5.9).at(6, []) == ["resolved"]


def test_after_minutes_without_data_firing_alerts_wait_for_it() -> None:
    line = _restarted(1, 6)
    assert [line.at(6, []), line.at(7.9)] == [["firing"], ["firing"]]
    assert line.at(8) == ["resolved"]
    line = _restarted(1, 6)
    line.at(6, HIT)
    assert line.at(7, []) == ["resolved"]


def test_an_hour_is_not_too_long() -> None:
    instance = _saved(State.FIRING, 0)
    found = restore(
        alert(hold_ns=MINUTE_NS), {instance.key: instance}, 10 * MINUTE_NS, 70 * MINUTE_NS
    )
    assert [one.state for one in found.instances.values()] == ["firing"]


def test_after_a_long_outage_all_starts_anew() -> None:
    pending = _saved(State.PENDING, 0)
    firing = Instance({"alertname": "B"}, {}, state=State.FIRING)
    resolved = Instance({"alertname": "C"}, {}, state=State.RESOLVED, resolved_at_ns=1)
    saved = {one.key: one for one in (pending, firing, resolved)}
    now = 61 * MINUTE_NS
    found = restore(alert(), saved, 0, now)
    assert [(i.labels["alertname"], str(i.state)) for i in found.instances.values()] == [
        ("B", "resolved"),
        ("C", "resolved"),
    ]
    assert [(e.before, e.after, str(e.reason)) for e in found.events] == [
        ("pending", "inactive", "outage_too_long"),
        ("firing", "resolved", "outage_too_long"),
    ]
