"""What is counted for an SLO: its objectives mostly share one count."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerting.slo.model import Objective, Slo, Threshold
from alerting.slo.report import longest_alert_window


@dataclass(frozen=True)
class Counted:
    """`key` is the word under which its minutes are stored."""

    key: str
    slo: Slo
    objective: Objective

    @property
    def alert_minutes(self) -> int:
        """How far back its alerts look."""
        after = [alert.after_minutes for policy in self.slo.policies for alert in policy.alerts]
        return longest_alert_window(self.slo) + max(after, default=0)


def counted_of(slos: Sequence[Slo]) -> tuple[Counted, ...]:
    """All counts, each once."""
    found = (Counted(key_of(slo, one), slo, one) for slo in slos for one in slo.objectives)
    return tuple({one.key: one for one in found}.values())


def key_of(slo: Slo, objective: Objective) -> str:
    """The SLO's name; objectives that sort values by bounds of their own have a count each."""
    if isinstance(slo.indicator, Threshold) and len(slo.objectives) > 1:
        return f"{slo.name}#{objective.name}"
    return slo.name
