"""A draft of rules over past data: what would have happened."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerting.rules.definitions import Group
from alerting.rules.events import Event
from alerting.rules.group import RuleState, Surroundings, evaluate, fresh


@dataclass(frozen=True, slots=True)
class Moment:
    """One evaluation of the past."""

    at_ns: int
    states: tuple[RuleState, ...]
    events: tuple[Event, ...]


def rehearse(
    group: Group, surroundings: Surroundings, start_ns: int, end_ns: int, interval_ns: int
) -> Iterator[Moment]:
    """Evaluate from `start_ns` to `end_ns`, both included, as if nothing was known before."""
    states = fresh(group)
    for at_ns in range(start_ns, end_ns + 1, interval_ns):
        outcome = evaluate(group, states, surroundings, at_ns)
        states = outcome.states
        yield Moment(at_ns, states, outcome.events)
