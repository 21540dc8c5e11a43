"""Microsoft Teams: connectors get a message card, workflows an adaptive card."""

from dataclasses import dataclass
from typing import Any, Final

from alerting.alert import Status
from alerting.documents.secret import revealed
from alerting.notifying.http_client import Answer, check, json_request, refused
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, Sent
from alerting.notifying.sending import file_read
from alerting.notifying.texts import Texts, truncated_bytes
from alerting.routing.receivers.msteams import MsteamsConfig, Msteamsv2Config
from alerting.templates.engine import Engine

# Teams refuses messages of more than 28 KB whole.
_MAX_TEXT_BYTES: Final = 20_000
_MAX_TITLE_BYTES: Final = 2_000
_THEME: Final = {Status.FIRING: "8C1A1A", Status.RESOLVED: "2DC72D"}
_COLOR: Final = {Status.FIRING: "Attention", Status.RESOLVED: "Good"}
_INNER_FAILURE: Final = "Microsoft Teams endpoint returned HTTP error"


@dataclass(frozen=True)
class Msteams:
    """Either kind, told apart by the configuration."""

    config: MsteamsConfig | Msteamsv2Config
    engine: Engine
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        with file_read():
            url = revealed(config.webhook_url, config.webhook_url_file)
        title = truncated_bytes(texts.prose(config.title), _MAX_TITLE_BYTES)
        text = truncated_bytes(texts.prose(config.text), _MAX_TEXT_BYTES)
        if isinstance(config, MsteamsConfig):
            summary = truncated_bytes(texts.prose(config.summary), _MAX_TITLE_BYTES)
            content = _message_card(title, summary, text, _THEME[notification.status])
        else:
            content = _adaptive_card(title, text, _COLOR[notification.status])
        answer = check(await self.http.call(json_request("POST", url, content)))
        _check_inner(answer)
        return Sent(answer.status, template_errors=tuple(texts.errors))


def _check_inner(answer: Answer) -> None:
    """Connectors say 200 where Teams behind them was not reached, or wants fewer messages."""
    if _INNER_FAILURE in answer.text:
        raise refused(answer, answer.text, retryable=True)


def _message_card(title: str, summary: str, text: str, color: str) -> dict[str, Any]:
    return {
        "@context": "http://schema.org/extensions",
        "@type": "MessageCard",
        "type": "MessageCard",
        "title": title,
        "summary": summary,
        "text": text,
        "themeColor": color,
    }


def _adaptive_card(title: str, text: str, color: str) -> dict[str, Any]:
    heading = {
        "type": "TextBlock",
        "text": title,
        "weight": "Bolder",
        "size": "Medium",
        "wrap": True,
        "style": "heading",
        "color": color,
    }
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [heading, {"type": "TextBlock", "text": text, "wrap": True}],
        "msteams": {"width": "full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}
