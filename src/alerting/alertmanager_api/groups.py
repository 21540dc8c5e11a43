"""Groups of alerts as Alertmanager lists them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alerting.alert import Alert
from alerting.alertmanager_api.alerts import Scene, Standing, Wanted, shown, standing, told
from alerting.alertmanager_api.parameters import Parameters
from alerting.matching.matcher import all_match
from alerting.routing.grouping import Group
from alerting.routing.time_intervals import active


def groups(seen: Scene, known: Iterable[Group], asked: Parameters) -> list[dict[str, Any]]:
    """Sorted by labels and receiver; without those that have no alert that is wanted.

    Raises Refused.
    """
    wanted, pattern, muted = Wanted.of(asked), asked.pattern("receiver"), asked.flag("muted")
    nobody = not all_match(asked.matchers("receiver_matchers"), {})
    chosen = list[tuple[Group, list[tuple[Alert, Standing]], Sequence[str]]]()
    for group in known:
        if nobody or not told([group.route.options.receiver], pattern):
            continue
        alerts = _wanted(group, seen, wanted)
        by = _muted_by(group, seen)
        if alerts and (muted or not by):
            chosen.append((group, alerts, by))
    receivers = _receivers((group, alerts) for group, alerts, _ in chosen)
    chosen.sort(key=lambda one: (sorted(one[0].labels.items()), one[0].route.options.receiver))
    return [
        {
            "alerts": [
                shown(alert, stands, receivers[alert.fingerprint], by) for alert, stands in alerts
            ],
            "labels": dict(group.labels),
            "receiver": {"name": group.route.options.receiver},
            "routeLabels": {},
        }
        for group, alerts, by in chosen
    ]


def _wanted(group: Group, seen: Scene, wanted: Wanted) -> list[tuple[Alert, Standing]]:
    pairs = ((alert, standing(alert, seen)) for alert in group.alerts.values())
    found = [(one, stands) for one, stands in pairs if wanted.takes(one, stands, seen.now_ns)]
    return sorted(found, key=lambda pair: _place(pair[0]))


def _place(alert: Alert) -> tuple[str, str, list[tuple[str, str]]]:
    labels = alert.labels
    return labels.get("job", ""), labels.get("instance", ""), sorted(labels.items())


def _muted_by(group: Group, seen: Scene) -> Sequence[str]:
    """The time intervals that mute the group now."""
    options, intervals = group.route.options, seen.configuration.time_intervals
    wanted = options.active_time_intervals
    if wanted and not active(wanted, intervals, seen.now_ns):
        return wanted
    name = active(options.mute_time_intervals, intervals, seen.now_ns)
    return (name,) if name else ()


def _receivers(
    chosen: Iterable[tuple[Group, Sequence[tuple[Alert, Standing]]]],
) -> Mapping[str, list[str]]:
    """Who is told of each alert, by fingerprint, of the groups that are listed."""
    found = dict[str, list[str]]()
    for group, alerts in chosen:
        for alert, _ in alerts:
            found.setdefault(alert.fingerprint, []).append(group.route.options.receiver)
    return {fingerprint: sorted(names) for fingerprint, names in found.items()}
