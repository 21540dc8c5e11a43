"""What is known of rules goes on when their files change."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from alerting.rules.definitions import AlertingRule, Group, Rule
from alerting.rules.events import Event, Reason, event
from alerting.rules.group import RuleState
from alerting.rules.instance import Instance, Instances, Key, State


@dataclass(frozen=True, slots=True)
class Carried:
    """The new group's states; what rules that are gone leave behind.

    `ended` are series that nobody writes any more, `resolved` the alerts to report a last time.
    """

    states: tuple[RuleState, ...]
    ended: frozenset[Key] = frozenset()
    resolved: Sequence[tuple[AlertingRule, Instances]] = ()
    events: Sequence[Event] = ()


def carry(before: Group, states: Sequence[RuleState], after: Group, at_ns: int) -> Carried:
    """Rules are the same where kind, name and labels are; of equal ones the first is the first."""
    waiting = defaultdict[object, deque[tuple[Rule, RuleState]]](deque)
    for rule, state in zip(before.rules, states, strict=True):
        waiting[_identity(rule)].append((rule, state))
    found = list[RuleState]()
    for rule in after.rules:
        same = waiting[_identity(rule)]
        found.append(same.popleft()[1] if same else RuleState())
    gone = [left for queue in waiting.values() for left in queue]
    kept = frozenset[Key]().union(*(state.written for state in found))
    left = frozenset[Key]().union(*(state.written for _, state in gone))
    alerts = [(rule, state) for rule, state in gone if isinstance(rule, AlertingRule)]
    return Carried(
        states=tuple(found),
        ended=left - kept,
        resolved=[(rule, _resolved(state.instances, at_ns)) for rule, state in alerts],
        events=[one for rule, state in alerts for one in _events(rule, state, at_ns)],
    )


def _identity(rule: Rule) -> object:
    return type(rule), rule.name, tuple(sorted(rule.labels.items()))


def _ended(instance: Instance, at_ns: int) -> Instance | None:
    return instance.resolved(at_ns) if instance.state is State.FIRING else None


def _resolved(instances: Instances, at_ns: int) -> Instances:
    ended = {key: _ended(instance, at_ns) for key, instance in instances.items()}
    return {key: instance for key, instance in ended.items() if instance is not None}


def _events(rule: AlertingRule, state: RuleState, at_ns: int) -> list[Event]:
    return [
        event(one, _ended(one, at_ns), Reason.RULE_REMOVED, at_ns, rule.name)
        for one in state.instances.values()
        if one.is_active
    ]
