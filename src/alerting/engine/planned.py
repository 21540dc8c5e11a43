"""What is to be evaluated, and what is known of it while the engine runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from alerting.rules.definitions import AlertingRule, Group, kind_of
from alerting.rules.group import RuleState, Surroundings
from alerting.rules.schedule import Schedule

Kind = Literal["rules", "slo"]
# The file of groups that were made by the API.
API: str = "api"


@dataclass(frozen=True, slots=True)
class Planned:
    """A group, where it comes from, and whom its rules ask."""

    group: Group
    surroundings: Surroundings
    kind: Kind = "rules"

    @property
    def kinds(self) -> Mapping[str, str]:
        """Of its rules for alerts, by their names."""
        rules = (rule for rule in self.group.rules if isinstance(rule, AlertingRule))
        return {rule.name: self.kind_of(rule) for rule in rules}

    def kind_of(self, rule: AlertingRule) -> str:
        """As the table of events has it."""
        return kind_of(rule.expression)


@dataclass(slots=True)
class Running:
    """One group at work; `last_ns` is its last slot, `duration_s` how long that took."""

    planned: Planned
    schedule: Schedule
    states: tuple[RuleState, ...]
    last_ns: int
    duration_s: float = 0.0
    missed: int = 0
    busy: bool = False
    # Why the last evaluation was not kept; it is evaluated again at the next slot.
    error: str = ""
