"""The JSON that webhooks get, version 4."""

from typing import Any, Final

from alerting.notifying.data import AlertData, Data
from alerting.templates.times import Time

VERSION: Final = "4"
_RFC3339: Final = "2006-01-02T15:04:05.999999999Z07:00"


def payload(data: Data, group_key: str, max_alerts: int = 0) -> dict[str, Any]:
    """`max_alerts` of 0 is no bound; how many were left out is said."""
    alerts = data.alerts[:max_alerts] if max_alerts else data.alerts
    return {
        "receiver": data.receiver,
        "status": data.status,
        "alerts": [_alert(alert) for alert in alerts],
        "groupLabels": dict(data.group_labels),
        "commonLabels": dict(data.common_labels),
        "commonAnnotations": dict(data.common_annotations),
        "externalURL": data.external_url,
        "notification_reason": data.notification_reason,
        "version": VERSION,
        "groupKey": group_key,
        "truncatedAlerts": len(data.alerts) - len(alerts),
    }


def _alert(alert: AlertData) -> dict[str, Any]:
    return {
        "status": alert.status,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": rfc3339(alert.starts_at),
        "endsAt": rfc3339(alert.ends_at),
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint,
    }


def rfc3339(time: Time) -> str:
    """With as many digits of the second as say something."""
    return time.format(_RFC3339)
