"""Deliveries, and what kept them back, as rows of the table `notifications`."""

from collections.abc import Sequence
from typing import Literal

from alerting.alert import Alert
from alerting.engine.event_lines import written
from alerting.notifying.delivery import Delivery
from alerting.routing.deciding import Decision
from alerting.routing.stages import Batch
from alerting.state.outbox import Line

Status = Literal["sent", "failed", "suppressed"]


def delivery_line(decision: Decision, delivery: Delivery) -> Line:
    """One that was tried."""
    batch = decision.batch
    line = _line(decision, batch.alerts, "sent" if delivery.delivered else "failed")
    return {
        **line,
        "time": delivery.ended_ns,
        "attempts": delivery.attempts,
        "duration_ns": delivery.ended_ns - delivery.started_ns,
        "http_status": delivery.status,
        "error": delivery.error or "; ".join(delivery.template_errors) or None,
    }


def suppressed_line(decision: Decision) -> Line:
    """One that was not sent since all its alerts are muted."""
    return _line(decision, [one.alert for one in decision.batch.muted], "suppressed")


def _line(decision: Decision, alerts: Sequence[Alert], status: Status) -> Line:
    batch, integration = decision.batch, decision.integration
    resolved = sum(alert.resolved(batch.now_ns) for alert in alerts)
    return {
        "time": batch.now_ns,
        "receiver": integration.receiver,
        "integration": integration.name,
        "group_key": batch.group_key,
        "group_labels": written(batch.group_labels),
        "status": status,
        "reason": _reason(batch),
        "alerts_firing": len(alerts) - resolved,
        "alerts_resolved": resolved,
        "alert_ids": [alert.fingerprint for alert in alerts],
    }


def _reason(batch: Batch) -> str:
    """With who mutes, where somebody does."""
    by = sorted({f"{one.why}: {', '.join(one.by)}" for one in batch.muted})
    return "; ".join([str(batch.reason), *by])
