"""What one evaluation makes of a rule's alerts: pending, firing, kept, resolved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from alerting.rules.definitions import AlertingRule, Unknown
from alerting.rules.events import Event, Reason, event
from alerting.rules.instance import RESOLVED_RETENTION_NS, Gap, Instance, Instances, Key, State


@dataclass(frozen=True, slots=True)
class Missing:
    """Why alerts that did not come are not there: `lacks` tells of which nothing is known."""

    gap: Gap
    choice: Unknown
    lacks: Callable[[Instance], bool]
    detail: str = ""

    @property
    def reason(self) -> Reason:
        return Reason.QUERY_FAILED if self.gap is Gap.ERROR else Reason.DATA_MISSING


def _never(instance: Instance) -> bool:
    return False


NOTHING_MISSING = Missing(Gap.NO_DATA, Unknown.RESOLVE, _never)


@dataclass
class Step:
    """One evaluation of one rule at `at_ns`; collects events and the alerts that remain."""

    rule: AlertingRule
    at_ns: int
    missing: Missing = NOTHING_MISSING
    events: list[Event] = field(default_factory=list)
    kept: dict[Key, Instance] = field(default_factory=dict)

    def run(self, known: Instances, met: Mapping[Key, Instance]) -> Instances:
        """The alerts after the evaluation: `met` are those for which the condition holds."""
        for key, found in met.items():
            self._hit(known.get(key), found)
        for key, instance in known.items():
            if key not in met:
                self._miss(instance)
        return self.kept

    def drop_all(self, known: Instances, reason: Reason, detail: str) -> None:
        """Forget all alerts."""
        for instance in known.values():
            if instance.is_active:
                self._tell(instance, None, reason, detail)

    def _hit(self, before: Instance | None, found: Instance) -> None:
        if before is None or not before.is_active:
            after = self._advanced(replace(found, active_at_ns=self.at_ns))
            self._keep(before, after, self._why(found, Reason.CONDITION_MET))
            return
        after = replace(
            before,
            value=found.value,
            source=found.source,
            annotations=found.annotations,
            active_at_ns=self._begun_ns(before),
            keep_firing_since_ns=0,
            settles_at_ns=0,
            gap=found.gap,
        )
        returned = before.gap is not None and found.gap is None
        self._keep_advanced(before, after, Reason.DATA_BACK if returned else None)

    def _begun_ns(self, instance: Instance) -> int:
        """Not later than now, where the clock was set back; what fired has been held."""
        if instance.active_at_ns <= self.at_ns:
            return instance.active_at_ns
        return self.at_ns - (self.rule.hold_ns if instance.state is State.FIRING else 0)

    def _why(self, found: Instance, otherwise: Reason) -> Reason:
        """New alerts of a rule itself tell of the gap they stand for."""
        if found.gap is None:
            return otherwise
        return Reason.QUERY_FAILED if found.gap is Gap.ERROR else Reason.DATA_MISSING

    def _keep_advanced(self, before: Instance, after: Instance, reason: Reason | None) -> None:
        advanced = self._advanced(after)
        if advanced.state is State.FIRING and before.state is State.PENDING:
            reason = Reason.HELD
        elif advanced.state is State.PENDING and before.state is State.FIRING:
            reason = Reason.HOLD_EXTENDED
        elif reason is None and advanced.gap is not before.gap:
            reason = self.missing.reason
        self._keep(before, advanced, reason)

    def _advanced(self, instance: Instance) -> Instance:
        held = self.at_ns - instance.active_at_ns >= self.rule.hold_ns
        if instance.state is State.PENDING and held:
            return replace(instance, state=State.FIRING, fired_at_ns=self.at_ns)
        if instance.state is State.FIRING and not held:
            # `for` became longer in the meantime.
            return replace(
                instance, state=State.PENDING, fired_at_ns=0, keep_firing_since_ns=0, sent_at_ns=0
            )
        return instance

    def _miss(self, instance: Instance) -> None:
        if instance.state is State.RESOLVED:
            if self.at_ns - instance.resolved_at_ns <= RESOLVED_RETENTION_NS:
                ended_ns = min(instance.resolved_at_ns, self.at_ns)
                self.kept[instance.key] = replace(instance, resolved_at_ns=ended_ns)
            return
        lacking = self.missing.lacks(instance)
        if lacking and self.missing.choice is not Unknown.RESOLVE:
            self._unknown(instance)
        elif self.at_ns < instance.settles_at_ns:
            self._keep(instance, instance, None)
        elif instance.state is State.PENDING:
            self._tell(instance, None, self._end_reason(lacking), self.missing.detail)
        else:
            self._release(instance, lacking)

    def _unknown(self, instance: Instance) -> None:
        """Nothing is known of it: it stays, and goes on where the rule says so."""
        after = replace(instance, gap=self.missing.gap)
        if self.missing.choice is Unknown.FIRE:
            self._keep_advanced(instance, after, None)
        else:
            reason = self.missing.reason if instance.gap is not after.gap else None
            self._keep(instance, after, reason)

    def _end_reason(self, lacking: bool) -> Reason:
        return self.missing.reason if lacking else Reason.CONDITION_ENDED

    def _release(self, instance: Instance, lacking: bool) -> None:
        """A firing alert whose condition ended."""
        since = min(instance.keep_firing_since_ns or self.at_ns, self.at_ns)
        if self.at_ns - since < self.rule.keep_firing_ns:
            after = replace(instance, keep_firing_since_ns=since, gap=None)
            reason = Reason.DATA_BACK if instance.gap else None
            self._keep_advanced(instance, after, reason)
            return
        kept = instance.keep_firing_since_ns > 0
        reason = Reason.KEPT_LONG_ENOUGH if kept else self._end_reason(lacking)
        self._keep(instance, instance.resolved(self.at_ns), reason)

    def _keep(self, before: Instance | None, after: Instance, reason: Reason | None) -> None:
        self.kept[after.key] = after
        if reason is not None:
            detail = self.missing.detail if after.gap else ""
            self._tell(before, after, reason, detail)

    def _tell(
        self, before: Instance | None, after: Instance | None, reason: Reason, detail: str
    ) -> None:
        self.events.append(event(before, after, reason, self.at_ns, self.rule.name, detail))
