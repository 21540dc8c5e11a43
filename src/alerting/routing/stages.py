"""From a group that is due to what is sent: small steps over a batch that never changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from alerting.alert import Alert
from alerting.labels import Labels
from alerting.routing.dedup import decision, entry, group_now
from alerting.routing.grouping import Flush
from alerting.routing.inhibition import Inhibitor
from alerting.routing.notification_log import Entry, NotificationLog
from alerting.routing.reasons import Muting, Reason
from alerting.routing.route import Options
from alerting.routing.silences import Silences, silenced_by
from alerting.routing.time_intervals import Interval, active


@dataclass(frozen=True)
class Muted:
    """An alert that is left out, why, and by whom: fingerprints, silences or an interval."""

    alert: Alert
    why: Muting
    by: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """The alerts of a group on their way to an integration, and what was decided so far."""

    group_key: str
    group_labels: Labels
    options: Options
    now_ns: int
    alerts: tuple[Alert, ...]
    muted: tuple[Muted, ...] = ()
    # None until it is decided.
    reason: Reason | None = None
    # What to record once it is delivered.
    entry: Entry | None = None

    @property
    def notifies(self) -> bool:
        return self.reason is not None and self.reason.notifies


class Stage(Protocol):
    """One step."""

    def __call__(self, batch: Batch) -> Batch: ...


def batch_of(done: Flush) -> Batch:
    """Where the steps begin."""
    group = done.group
    return Batch(group.key, group.labels, group.route.options, done.now_ns, done.alerts)


def run(batch: Batch, *stages: Stage) -> Batch:
    """All steps, until one of them decides."""
    for stage in stages:
        if batch.reason is not None:
            break
        batch = stage(batch)
    return batch


def _without(batch: Batch, why: Muting, by: Callable[[Alert], tuple[str, ...]]) -> Batch:
    found = [(alert, by(alert)) for alert in batch.alerts]
    muted = tuple(Muted(alert, why, names) for alert, names in found if names)
    left = tuple(alert for alert, names in found if not names)
    reason = Reason.ALL_MUTED if muted and not left else None
    return replace(batch, alerts=left, muted=(*batch.muted, *muted), reason=reason)


@dataclass(frozen=True)
class Inhibit:
    """Leaves out what other alerts mute."""

    inhibitor: Inhibitor

    def __call__(self, batch: Batch) -> Batch:
        return _without(batch, Muting.INHIBITED, self.inhibitor.muted_by)


@dataclass(frozen=True)
class Silence:
    """Leaves out what is silenced."""

    silences: Silences

    def __call__(self, batch: Batch) -> Batch:
        return _without(
            batch,
            Muting.SILENCED,
            lambda alert: silenced_by(alert, self.silences, batch.now_ns),
        )


@dataclass(frozen=True)
class TimeMute:
    """Leaves out everything outside the route's active times and within its mute times."""

    intervals: Mapping[str, tuple[Interval, ...]]

    def __call__(self, batch: Batch) -> Batch:
        wanted, muted = batch.options.active_time_intervals, batch.options.mute_time_intervals
        if wanted and not active(wanted, self.intervals, batch.now_ns):
            return _without(batch, Muting.OUTSIDE_ACTIVE_TIME, lambda _: wanted)
        name = active(muted, self.intervals, batch.now_ns)
        return _without(batch, Muting.MUTE_TIME, lambda _: (name,)) if name else batch


@dataclass(frozen=True)
class Dedup:
    """Decides by what the integration was last told; the entry is to be recorded once sent."""

    log: NotificationLog
    integration: str
    send_resolved: bool

    def __call__(self, batch: Batch) -> Batch:
        left = tuple(alert for alert in batch.alerts if self._tells(alert, batch.now_ns))
        reason = decision(
            self.log.last(batch.group_key, self.integration, batch.now_ns),
            group_now(left, batch.now_ns),
            batch.now_ns,
            batch.options.repeat_interval_ns,
            send_resolved=self.send_resolved,
        )
        if not reason.notifies:
            return replace(batch, reason=reason)
        group = group_now(batch.alerts, batch.now_ns)
        record = entry(batch.group_key, self.integration, group, batch.now_ns, batch.options)
        # Where none is left, nothing is sent, but the entry is recorded all the same.
        return replace(batch, reason=reason, alerts=left, entry=record)

    def _tells(self, alert: Alert, now_ns: int) -> bool:
        return not alert.resolved(now_ns) or (self.send_resolved and alert.tells_its_end)
