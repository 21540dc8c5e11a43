"""Which alerts are asked for."""

from dataclasses import dataclass

from alerting.alerts.current import Current
from alerting.matching.matcher import Matchers, all_match


@dataclass(frozen=True, slots=True)
class Selection:
    """All conditions hold; None and empty ones always do."""

    states: frozenset[str] = frozenset()
    rule: str | None = None
    rule_group: str | None = None
    service: str | None = None
    severity: str | None = None
    matchers: Matchers = ()

    def takes(self, alert: Current) -> bool:
        wanted = (
            (self.rule, alert.source.rule),
            (self.rule_group, alert.source.rule_group),
            (self.service, alert.service),
            (self.severity, alert.severity),
        )
        return (
            (not self.states or alert.state in self.states)
            and all(asked is None or asked == found for asked, found in wanted)
            and all_match(self.matchers, alert.labels)
        )
