"""Alerts of others begin and end too, and that is told as of those of rules."""

from typing import Final

from alerting.alert import Alert
from alerting.alerts.current import EXTERNAL
from alerting.engine.engine import Engine
from alerting.engine.event_lines import about
from alerting.rules.instance import State
from alerting.state.outbox import Line
from alerting.state.reported_alerts import ReportedAlerts

REPORTED: Final = "reported"
REPORT_ENDED: Final = "report_ended"


class Reported:
    """Lives in the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        """Raises StorageUnavailable."""
        self._engine = engine
        self._alerts = ReportedAlerts(engine.database)

    def run(self) -> None:
        """Tell what began or ended since it was last looked at. Raises StorageUnavailable."""
        now_ns, dispatcher = self._engine.clock.now_ns(), self._engine.dispatcher
        known, told = dispatcher.known.all, self._alerts.begun
        theirs = (known[name] for name in dispatcher.posted if name in known)
        firing = {one.fingerprint: one for one in theirs if not one.resolved(now_ns)}
        begun = [_begun(one, now_ns) for name, one in firing.items() if name not in told]
        ended = [_ended(line, now_ns) for name, line in told.items() if name not in firing]
        if begun or ended:
            self._alerts.tell(begun, ended)


def _begun(alert: Alert, now_ns: int) -> Line:
    return {
        "time": now_ns,
        "rule": alert.name,
        "rule_group": None,
        "kind": EXTERNAL,
        **about(alert.labels, alert.annotations),
        "before": str(State.INACTIVE),
        "after": str(State.FIRING),
        "reason": REPORTED,
        "value": None,
        "detail": None,
        "actor": None,
    }


def _ended(begun: Line, now_ns: int) -> Line:
    changed = {
        "time": now_ns,
        "before": begun["after"],
        "after": str(State.RESOLVED),
        "reason": REPORT_ENDED,
    }
    return {**begun, **changed}
