"""Receivers, what they tell, and how the last delivery went."""

from collections.abc import Mapping
from typing import Any

from alerting.engine.configured import Configured
from alerting.engine.engine import Engine
from alerting.notifying.trial import Trial
from alerting.plain import moment
from alerting.routing.receivers.receiver import Receiver
from alerting.state.outbox import Line
from goldeneye.errors import NotFound


def shown(engine: Engine) -> list[dict[str, Any]]:
    """All receivers, by their names. Raises StorageUnavailable."""
    last = engine.deliveries.last()
    receivers = engine.dispatcher.configured.configuration.receivers
    return [_receiver(one, last) for _, one in sorted(receivers.items())]


def found(configured: Configured, name: str) -> Receiver:
    """Raises NotFound."""
    receivers = configured.configuration.receivers
    if name not in receivers:
        known = ", ".join(sorted(receivers))
        raise NotFound(f"there is no receiver {name!r}; there are {known}")
    return receivers[name]


def tried(receiver: Receiver, trials: tuple[Trial, ...]) -> dict[str, Any]:
    """What became of a test notification."""
    return {
        "receiver": receiver.name,
        "delivered": bool(trials) and all(one.delivery.delivered for one in trials),
        "integrations": [_trial(one) for one in trials],
    }


def _receiver(receiver: Receiver, last: Mapping[str, Line]) -> dict[str, Any]:
    return {
        "receiver": receiver.name,
        "integrations": [
            {
                "integration": one.name,
                "kind": one.kind,
                "send_resolved": one.config.send_resolved,
                "last_delivery": _delivery(last.get(one.name)),
            }
            for one in receiver.integrations()
        ],
    }


def _delivery(line: Line | None) -> dict[str, Any] | None:
    if line is None:
        return None
    columns = ("status", "reason", "group_key", "attempts", "duration_ns", "http_status", "error")
    return {"time": moment(line["time"]), **{name: line.get(name) for name in columns}}


def _trial(trial: Trial) -> dict[str, Any]:
    delivery = trial.delivery
    return {
        "integration": trial.integration,
        "kind": trial.kind,
        "status": "sent" if delivery.delivered else "failed",
        "duration_ns": delivery.ended_ns - delivery.started_ns,
        "http_status": delivery.status,
        "error": delivery.error or None,
        "template_errors": list(delivery.template_errors),
    }
