"""Somebody has seen an alert, and says so; it holds while the alert fires."""

from collections.abc import Iterable, Mapping
from typing import Final

from alerting.alerts.current import Current, Picture, current
from alerting.engine.engine import Engine
from alerting.engine.event_lines import about
from alerting.state.acknowledgements import Acknowledgement
from alerting.state.outbox import Line
from goldeneye.errors import Conflict, NotFound

ACKNOWLEDGED: Final = "acknowledged"
WITHDRAWN: Final = "acknowledgement_withdrawn"


def acknowledge(engine: Engine, alert: Current, by: str, comment: str) -> None:
    """Raises Conflict where it does not fire, and StorageUnavailable."""
    if not alert.firing:
        raise Conflict(f"the alert {alert.alert_id} does not fire: it is {alert.state}")
    now_ns = engine.clock.now_ns()
    said = Acknowledgement(alert.alert_id, alert.fired_at_ns, by, now_ns, comment)
    with engine.database.transaction():
        engine.acknowledgements.keep(said)
        engine.alert_events.add([_line(alert, now_ns, ACKNOWLEDGED, by, comment)])
    engine.woken.set()


def take_back(engine: Engine, alert: Current, by: str) -> None:
    """As if it had not been said. Raises Conflict where nobody said it, and StorageUnavailable."""
    if alert.acknowledgement is None:
        raise Conflict(f"the alert {alert.alert_id} is not acknowledged")
    now_ns = engine.clock.now_ns()
    with engine.database.transaction():
        engine.acknowledgements.forget([alert.alert_id])
        engine.alert_events.add([_line(alert, now_ns, WITHDRAWN, by, "")])
    engine.woken.set()


def found(seen: Picture, alert_id: str) -> Current:
    """The alert of that id; the one that fires where rules share it. Raises NotFound."""
    alerts = current(seen, {alert_id})
    if not alerts:
        raise NotFound(f"there is no alert {alert_id!r} now")
    return max(alerts, key=lambda one: one.firing)


def over(
    acknowledgements: Mapping[str, Acknowledgement], alerts: Iterable[Current]
) -> frozenset[str]:
    """Those whose firing has ended, by the alerts' ids."""
    hold = {one.alert_id for one in alerts if one.acknowledgement is not None}
    return frozenset(acknowledgements) - hold


def _line(alert: Current, now_ns: int, reason: str, by: str, comment: str) -> Line:
    return {
        "time": now_ns,
        "rule": alert.source.rule,
        "rule_group": alert.source.rule_group,
        "kind": alert.source.kind,
        **about(alert.labels, alert.annotations),
        "before": alert.state,
        "after": alert.state,
        "reason": reason,
        "value": None,
        "detail": comment or None,
        "actor": by or None,
    }
