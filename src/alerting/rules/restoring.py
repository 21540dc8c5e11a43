"""What of the saved alerts holds after a restart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from alerting.durations import HOUR_NS, MINUTE_NS
from alerting.rules.definitions import AlertingRule
from alerting.rules.events import Event, Reason, event
from alerting.rules.instance import Instance, Instances, Key, State

OUTAGE_TOLERANCE_NS: Final = HOUR_NS
FOR_GRACE_NS: Final = 10 * MINUTE_NS
# Beyond this outage what came before it is no longer looked at; senders report every minute.
LOOKBACK_NS: Final = 5 * MINUTE_NS
SETTLING_NS: Final = 2 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Restored:
    instances: Instances
    events: Sequence[Event]


def restore(
    rule: AlertingRule,
    saved: Instances,
    down_at_ns: int,
    now_ns: int,
    tolerance_ns: int = OUTAGE_TOLERANCE_NS,
) -> Restored:
    """The alerts as of now, where the last evaluation was at `down_at_ns`.

    Firing alerts go on firing. The clocks of pending ones go on where `for` is at least the
    grace, and fire no sooner than after it. After an outage beyond PromQL's lookback none ends
    before data had time to come back; after one beyond the tolerance all starts anew.
    """
    kept, events = dict[Key, Instance](), list[Event]()
    for key, instance in saved.items():
        if not instance.is_active:
            kept[key] = instance
        elif now_ns - down_at_ns > tolerance_ns:
            over = instance.resolved(now_ns) if instance.state is State.FIRING else None
            events.append(event(instance, over, Reason.OUTAGE_TOO_LONG, now_ns, rule.name))
            if over is not None:
                kept[key] = over
        else:
            kept[key] = _resumed(rule, instance, down_at_ns, now_ns)
    return Restored(kept, events)


def _resumed(rule: AlertingRule, instance: Instance, down_at_ns: int, now_ns: int) -> Instance:
    settles = now_ns + SETTLING_NS if now_ns - down_at_ns >= LOOKBACK_NS else 0
    active = instance.active_at_ns
    if instance.state is State.PENDING:
        active = _active_at(rule.hold_ns, active, down_at_ns, now_ns)
    return replace(instance, active_at_ns=active, settles_at_ns=settles)


def _active_at(hold_ns: int, active_ns: int, down_at_ns: int, now_ns: int) -> int:
    """When a pending alert counts as begun."""
    if hold_ns < FOR_GRACE_NS:
        return now_ns
    remaining = hold_ns - (down_at_ns - active_ns)
    if remaining <= 0:
        return active_ns
    if remaining < FOR_GRACE_NS:
        return now_ns + FOR_GRACE_NS - hold_ns
    return active_ns + now_ns - down_at_ns
