"""Groups of alerts and when they are looked at: group_wait first, then every group_interval."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from alerting.alert import Alert
from alerting.labels import Labels, written
from alerting.routing.route import Route


@dataclass(frozen=True)
class Group:
    """The alerts of one route that share its group labels; never changed, only replaced."""

    route: Route
    labels: Labels
    next_flush_ns: int
    flushed: bool = False
    alerts: Mapping[str, Alert] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Names it in webhooks and in the notification log."""
        return f"{self.route.key}:{written(self.labels)}"

    @cached_property
    def id(self) -> "GroupId":
        return self.route.id, written(self.labels)

    def due(self, now_ns: int) -> bool:
        """Also where its turn is further away than any could be: the clock was set back."""
        return not now_ns < self.next_flush_ns <= now_ns + self.longest_wait_ns

    @property
    def longest_wait_ns(self) -> int:
        options = self.route.options
        return max(options.group_wait_ns, options.group_interval_ns)


# The route's place and the labels; keys can be the same for two routes with the same matchers.
GroupId = tuple[str, str]
Groups = Mapping[GroupId, Group]


@dataclass(frozen=True)
class Flush:
    """A group as it was when it was due."""

    group: Group
    alerts: tuple[Alert, ...]
    now_ns: int


def insert(
    groups: Groups, root: Route, alerts: Iterable[Alert], now_ns: int
) -> dict[GroupId, Group]:
    """All groups after alerts are reported, each in every route that takes it."""
    changed = dict(groups)
    arrived: dict[GroupId, list[Alert]] = {}
    for alert in alerts:
        for route in root.matches(alert.labels):
            labels = route.group_labels(alert.labels)
            group_id = (route.id, written(labels))
            # Resolved ones too: their firing may have been told before a restart.
            if group_id not in changed:
                changed[group_id] = Group(route, labels, now_ns + route.options.group_wait_ns)
            arrived.setdefault(group_id, []).append(alert)
    for group_id, some in arrived.items():
        changed[group_id] = _with(changed[group_id], some, now_ns)
    return changed


def _with(group: Group, arrived: list[Alert], now_ns: int) -> Group:
    alerts = {**group.alerts, **{alert.fingerprint: alert for alert in arrived}}
    earliest = min(alert.starts_at_ns for alert in arrived)
    waited = earliest + group.route.options.group_wait_ns < now_ns
    at_once = not group.flushed and waited
    flush_ns = min(group.next_flush_ns, now_ns) if at_once else group.next_flush_ns
    return replace(group, alerts=alerts, next_flush_ns=flush_ns)


def flush(group: Group, now_ns: int) -> tuple[Group, Flush]:
    """The group with its next turn set, and what is to be looked at now, oldest alert first."""
    alerts = sorted(
        (alert.as_of(now_ns) for alert in group.alerts.values()),
        key=lambda alert: (alert.starts_at_ns, alert.fingerprint),
    )
    following = now_ns + group.route.options.group_interval_ns
    return (
        replace(group, next_flush_ns=following, flushed=True),
        Flush(group, tuple(alerts), now_ns),
    )


def delivered(group: Group, done: Flush) -> Group | None:
    """Without the resolved alerts that everybody was told of; None once nothing is left.

    Only for a flush that reached its receivers: otherwise they are tried again at the next turn.
    """
    told = {a.fingerprint: a for a in done.alerts if a.resolved(done.now_ns)}
    alerts = {
        name: alert
        for name, alert in group.alerts.items()
        if name not in told or alert.updated_at_ns != told[name].updated_at_ns
    }
    return replace(group, alerts=alerts) if alerts else None


def due(groups: Groups, now_ns: int) -> tuple[Group, ...]:
    """Those to be looked at, the longest overdue first."""
    ready = (group for group in groups.values() if group.due(now_ns))
    return tuple(sorted(ready, key=lambda group: (group.next_flush_ns, group.id)))


def regrouped(groups: Groups, root: Route, now_ns: int) -> dict[GroupId, Group]:
    """All alerts in the groups of a new configuration; those that stay keep their turn."""
    alerts = {name: alert for group in groups.values() for name, alert in group.alerts.items()}
    fresh = insert({}, root, alerts.values(), now_ns)
    return {
        group_id: replace(
            group,
            next_flush_ns=min(groups[group_id].next_flush_ns, now_ns + group.longest_wait_ns),
            flushed=groups[group_id].flushed,
        )
        if group_id in groups
        else group
        for group_id, group in fresh.items()
    }
