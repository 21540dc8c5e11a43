"""Whether a receiver is to be told of a group now: Alertmanager's rules, with their reasons."""

from dataclasses import dataclass

from alerting.alert import Alert
from alerting.routing.notification_log import Entry
from alerting.routing.reasons import Reason
from alerting.routing.route import Options


@dataclass(frozen=True)
class GroupNow:
    """Fingerprints of a group's alerts by state, muted ones left out."""

    firing: frozenset[str]
    resolved: frozenset[str]


def group_now(alerts: tuple[Alert, ...], now_ns: int) -> GroupNow:
    resolved = frozenset(a.fingerprint for a in alerts if a.resolved(now_ns))
    return GroupNow(frozenset(a.fingerprint for a in alerts) - resolved, resolved)


def decision(
    last: Entry | None,
    group: GroupNow,
    now_ns: int,
    repeat_interval_ns: int,
    *,
    send_resolved: bool,
) -> Reason:
    """Compares what was last told with what holds now."""
    if last is None:
        return Reason.FIRST_NOTIFICATION if group.firing else Reason.NEVER_FIRED
    if not group.firing <= last.firing:
        return Reason.NEW_ALERTS_IN_GROUP if last.firing else Reason.FIRST_NOTIFICATION
    if not group.firing:
        # Whatever send_resolved says, so that the log forgets what no longer fires.
        return Reason.ALL_ALERTS_RESOLVED if last.firing else Reason.RESOLVED_KNOWN
    if send_resolved and not group.resolved <= last.resolved:
        return Reason.NEW_RESOLVED_ALERTS
    if last.at_ns + repeat_interval_ns < now_ns:
        return Reason.REPEAT_INTERVAL_ELAPSED
    return Reason.NOTHING_NEW


def entry(
    group_key: str, integration: str, group: GroupNow, now_ns: int, options: Options
) -> Entry:
    """What to record once it is told.

    It outlives the turn at which it would be repeated, so that a group which goes on renews it.
    """
    keep_ns = 2 * (options.repeat_interval_ns + options.group_interval_ns)
    return Entry(group_key, integration, now_ns, group.firing, group.resolved, now_ns + keep_ns)
