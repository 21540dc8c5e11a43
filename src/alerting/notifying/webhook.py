"""A POST of the payload, version 4, or of one of the user's own."""

from dataclasses import dataclass

from alerting.documents.secret import revealed
from alerting.notifying.http_client import check, json_request
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, Sent
from alerting.notifying.sending import file_read, timeout_s
from alerting.notifying.texts import Texts
from alerting.notifying.webhook_payload import payload
from alerting.routing.receivers.webhook import WebhookConfig
from alerting.templates.engine import Engine


@dataclass(frozen=True)
class Webhook:
    """Any answer of 2xx is a success."""

    config: WebhookConfig
    engine: Engine
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """One POST. Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        with file_read():
            url = texts.needed("url", revealed(config.url, config.url_file))
        if config.payload is None:
            content = payload(notification.data, notification.group_key, config.max_alerts)
        else:
            content = texts.deep(config.payload)
        request = json_request("POST", url, content, timeout_s=timeout_s(config.timeout))
        answer = check(await self.http.call(request))
        return Sent(answer.status, template_errors=tuple(texts.errors))
