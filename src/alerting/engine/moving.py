"""What is known of groups goes on where the plan changes, and after a restart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alerting.engine.planned import Planned, Running
from alerting.rules.carrying import Carried, carry
from alerting.rules.definitions import AlertingRule, Group
from alerting.rules.events import Event
from alerting.rules.group import RuleState, fresh
from alerting.rules.restoring import OUTAGE_TOLERANCE_NS, restore
from alerting.rules.schedule import Schedule
from alerting.state.groups import SavedGroup


@dataclass(frozen=True, slots=True)
class Moved:
    """A group as it goes on, None where it is gone, and what the change leaves behind."""

    planned: Planned
    carried: Carried
    running: Running | None


def moved(
    planned: Planned, known: Running | SavedGroup | None, now_ns: int, default_interval_ns: int
) -> Moved:
    """A group of the new plan, with what is known of it; one that is as it was goes on running."""
    if isinstance(known, Running) and known.planned == planned:
        return Moved(planned, Carried(known.states), known)
    schedule = Schedule.of(planned.group, default_interval_ns)
    # Due at once, unless it is known when it was evaluated.
    last_ns, missed = schedule.slot_before(now_ns) - 1, 0
    match known:
        case Running():
            carried = carry(known.planned.group, known.states, planned.group, now_ns)
            last_ns, missed = known.last_ns, known.missed
        case SavedGroup():
            found = carry(known.group, known.states, planned.group, now_ns)
            # While no evaluation was due nobody missed the group.
            is_due = schedule.due(known.evaluated_at_ns, now_ns) is not None
            down_at_ns = known.evaluated_at_ns if is_due else now_ns
            longest_ns = max(OUTAGE_TOLERANCE_NS, 2 * schedule.interval_ns)
            carried = _restored(found, planned.group, (down_at_ns, now_ns), longest_ns)
        case None:
            carried = Carried(fresh(planned.group))
    running = Running(planned, schedule, carried.states, last_ns, missed=missed)
    return Moved(planned, carried, running)


def gone(planned: Planned, states: Sequence[RuleState], now_ns: int) -> Moved:
    """A group that is no longer in the plan."""
    nothing = replace(planned.group, rules=())
    return Moved(planned, carry(planned.group, states, nothing, now_ns), None)


def _restored(
    carried: Carried, group: Group, outage_ns: tuple[int, int], longest_ns: int
) -> Carried:
    """`longest_ns` is the outage after which alerts start anew."""
    states, events = list[RuleState](), list[Event](carried.events)
    for rule, state in zip(group.rules, carried.states, strict=True):
        if isinstance(rule, AlertingRule):
            restored = restore(rule, state.instances, *outage_ns, longest_ns)
            # Whoever was told before is told again: who routes does not remember alerts.
            unsent = {k: replace(one, sent_at_ns=0) for k, one in restored.instances.items()}
            state = replace(state, instances=unsent)
            events += restored.events
        states.append(state)
    return replace(carried, states=tuple(states), events=events)
