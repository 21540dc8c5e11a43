"""Another Alertmanager: the alerts as they are, by its API, version 2."""

from dataclasses import dataclass, replace
from typing import Any

from alerting.alert import Alert
from alerting.documents.secret import revealed
from alerting.notifying.http_client import check, json_request
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, Sent
from alerting.notifying.sending import file_read, timeout_s
from alerting.notifying.webhook_payload import rfc3339
from alerting.routing.receivers.alertmanager import AlertmanagerConfig
from alerting.templates.times import Time

_PATH = "/api/v2/alerts"


@dataclass(frozen=True)
class Alertmanager:
    """No texts: templates are the other's business."""

    config: AlertmanagerConfig
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        with file_read():
            base = revealed(self.config.url, self.config.url_file)
        url = base.rstrip("/") + _PATH
        until_ns = notification.valid_until_ns
        firing = [replace(alert, ends_at_ns=until_ns) for alert in notification.firing]
        content = [_alert(alert) for alert in (*firing, *notification.resolved)]
        request = json_request("POST", url, content, timeout_s=timeout_s(self.config.timeout))
        return Sent(check(await self.http.call(request)).status)


def _alert(alert: Alert) -> dict[str, Any]:
    """Without an end the other ends it after a time of its own."""
    ends = {"endsAt": rfc3339(Time(alert.ends_at_ns))} if alert.ends_at_ns else {}
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": rfc3339(Time(alert.starts_at_ns)),
        "generatorURL": alert.generator_url,
        **ends,
    }
