"""Alerts that mute others while they fire."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerting.alert import Alert
from alerting.labels import Labels
from alerting.matching.matcher import Matchers, all_match


@dataclass(frozen=True)
class Rule:
    """Targets are muted while a source fires that has the same values of the labels `equal`."""

    source: Matchers
    target: Matchers
    equal: tuple[str, ...] = ()
    name: str = ""

    def mutes(self, target: Labels, source: Labels) -> bool:
        """A label that is missing equals one that is empty."""
        if not all_match(self.source, source):
            return False
        # What matches both sides could mute itself, or two such alerts each other.
        if all_match(self.source, target) and all_match(self.target, source):
            return False
        return all(target.get(name, "") == source.get(name, "") for name in self.equal)


class Inhibitor:
    """The rules over the alerts of one moment."""

    def __init__(self, rules: Iterable[Rule], alerts: Iterable[Alert], now_ns: int) -> None:
        self._rules = tuple(rules)
        firing = [alert for alert in alerts if not alert.resolved(now_ns)]
        # By the values that must be equal, since most rules have many alerts and few equal ones.
        self._sources: list[dict[tuple[str, ...], list[Alert]]] = [{} for _ in self._rules]
        for rule, sources in zip(self._rules, self._sources, strict=True):
            for alert in firing:
                if all_match(rule.source, alert.labels):
                    sources.setdefault(_values(rule, alert.labels), []).append(alert)

    def muted_by(self, alert: Alert) -> tuple[str, ...]:
        """Fingerprints of the alerts that mute this one, sorted; none where it is not muted."""
        return tuple(
            sorted(
                {
                    source.fingerprint
                    for rule, sources in zip(self._rules, self._sources, strict=True)
                    if all_match(rule.target, alert.labels)
                    for source in sources.get(_values(rule, alert.labels), ())
                    if rule.mutes(alert.labels, source.labels)
                }
            )
        )


def _values(rule: Rule, labels: Labels) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in rule.equal)
