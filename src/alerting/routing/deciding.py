"""A group that is due, decided for each of its receiver's integrations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alerting.routing.grouping import Flush
from alerting.routing.inhibition import Inhibitor
from alerting.routing.notification_log import Entry, NotificationLog
from alerting.routing.receivers.receiver import Integration
from alerting.routing.silences import Silences
from alerting.routing.stages import Batch, Dedup, Inhibit, Silence, TimeMute, batch_of, run
from alerting.routing.time_intervals import Interval


@dataclass(frozen=True)
class Circumstances:
    """What mutes at this moment."""

    inhibitor: Inhibitor
    silences: Silences
    time_intervals: Mapping[str, tuple[Interval, ...]]


@dataclass(frozen=True)
class Decision:
    """Send `batch.alerts` where it notifies and some are left; then record `entry_at`."""

    integration: Integration
    batch: Batch

    @property
    def sends(self) -> bool:
        return self.batch.notifies and bool(self.batch.alerts)

    def entry_at(self, delivered_ns: int) -> Entry | None:
        """What to record once it is delivered; None where the log says so already.

        From then on the repeat interval counts, so that a late turn does not repeat too early.
        """
        entry = self.batch.entry
        if entry is None:
            return None
        late_ns = delivered_ns - entry.at_ns
        return replace(entry, at_ns=delivered_ns, expires_at_ns=entry.expires_at_ns + late_ns)


def decide(
    done: Flush,
    integrations: Iterable[Integration],
    now: Circumstances,
    log: NotificationLog,
) -> tuple[Decision, ...]:
    """One decision for each integration, in their order."""
    left = run(
        batch_of(done),
        Inhibit(now.inhibitor),
        TimeMute(now.time_intervals),
        Silence(now.silences),
    )
    return tuple(
        Decision(each, run(left, Dedup(log, each.name, each.config.send_resolved)))
        for each in integrations
    )
