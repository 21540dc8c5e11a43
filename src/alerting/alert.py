"""One alert as routing sees it, and what a newer report of it makes of an older one."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from alerting.labels import ALERT_NAME, Labels, fingerprint

# The annotation that is `false` where nobody wants to be told that an alert is over.
SEND_RESOLVED: Final = "send_resolved"


class Status(StrEnum):
    """What a notification says of an alert, or of all of them."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Alert:
    """Times are nanoseconds since the epoch; `ends_at_ns` of 0 is an end that is not known."""

    labels: Labels
    annotations: Labels = field(default_factory=dict)
    starts_at_ns: int = 0
    ends_at_ns: int = 0
    generator_url: str = ""
    updated_at_ns: int = 0
    # The end is only what holds where nobody reports the alert again.
    timeout: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """Who it is: the hash of its labels."""
        return fingerprint(self.labels)

    @property
    def tells_its_end(self) -> bool:
        return self.annotations.get(SEND_RESOLVED) != "false"

    @property
    def name(self) -> str:
        return self.labels.get(ALERT_NAME, "")

    def resolved(self, now_ns: int) -> bool:
        return 0 < self.ends_at_ns <= now_ns

    def status(self, now_ns: int) -> Status:
        return Status.RESOLVED if self.resolved(now_ns) else Status.FIRING

    def as_of(self, now_ns: int) -> "Alert":
        """Without an end that is still to come, so that it stays as it was at `now_ns`."""
        return self if self.resolved(now_ns) or not self.ends_at_ns else replace(self, ends_at_ns=0)


def overall_status(alerts: Iterable[Alert], now_ns: int) -> Status:
    """Firing where one of them is."""
    firing = any(not alert.resolved(now_ns) for alert in alerts)
    return Status.FIRING if firing else Status.RESOLVED


def received(alert: Alert, now_ns: int, resolve_timeout_ns: int) -> Alert:
    """A report with what it leaves out: its start is now, its end after the resolve timeout."""
    starts = alert.starts_at_ns or (min(alert.ends_at_ns, now_ns) if alert.ends_at_ns else now_ns)
    timeout = alert.ends_at_ns == 0
    ends = now_ns + resolve_timeout_ns if timeout else alert.ends_at_ns
    labels = {name: value for name, value in alert.labels.items() if value}
    return replace(
        alert,
        labels=labels,
        starts_at_ns=starts,
        ends_at_ns=ends,
        updated_at_ns=now_ns,
        timeout=timeout,
    )


def merged(old: Alert | None, new: Alert, now_ns: int) -> Alert:
    """What is known after `new` is reported; reports that do not overlap replace each other."""
    # Where the clock was set back, what is known is of a time that is still to come.
    if old is None or old.updated_at_ns > now_ns or not _overlap(old, new):
        return new
    older, younger = (new, old) if new.updated_at_ns < old.updated_at_ns else (old, new)
    ends, timeout = younger.ends_at_ns, younger.timeout
    if younger.resolved(now_ns):
        if older.resolved(now_ns) and older.ends_at_ns > ends:
            ends = older.ends_at_ns
    elif older.ends_at_ns > ends and not older.timeout:
        ends, timeout = older.ends_at_ns, older.timeout
    starts = min(older.starts_at_ns, younger.starts_at_ns)
    return replace(younger, starts_at_ns=starts, ends_at_ns=ends, timeout=timeout)


def _overlap(old: Alert, new: Alert) -> bool:
    ends_within = old.starts_at_ns < new.ends_at_ns < old.ends_at_ns
    return ends_within or old.starts_at_ns < new.starts_at_ns < old.ends_at_ns
