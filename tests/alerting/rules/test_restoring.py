"""What holds after a restart; the cases are Prometheus's own arithmetic, worked out by hand."""

import pytest
from support.rules import MINUTE_NS, alert

from alerting.rules.instance import Instance, State
from alerting.rules.restoring import restore


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


def test_a_firing_alert_goes_on_firing() -> None:
    instance = _saved(State.FIRING, 0)
    found = restore(
        alert(hold_ns=MINUTE_NS), {instance.key: instance}, 10 * MINUTE_NS, 70 * MINUTE_NS
    )
    assert list(found.instances.values()) == [instance]


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
