"""Slack: an attachment by an incoming webhook, or a message that is later brought up to date."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from alerting.documents.secret import revealed
from alerting.notifying.http_client import Answer, check, json_request, refused
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, SendFailed, Sent
from alerting.notifying.sending import file_read, said, timeout_s
from alerting.notifying.texts import Texts, truncated
from alerting.routing.reasons import Reason
from alerting.routing.receivers.slack import SlackAction, SlackConfig, SlackField
from alerting.templates.engine import Engine

_MAX_TITLE_CHARS: Final = 1024
_MARKDOWN_IN: Final = ["fallback", "pretext", "text"]
_POST: Final = "chat.postMessage"
_UPDATE: Final = "chat.update"
# A change of an old message rings no bell.
_ANEW: Final = Reason.FIRST_NOTIFICATION


@dataclass(frozen=True)
class Slack:
    """`remembered` holds a message's channel and `ts`, where later ones belong to it."""

    config: SlackConfig
    engine: Engine
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        texts = Texts(self.engine, notification)
        message = _message(self.config, texts)
        with file_read():
            url, token = self._address()
        earlier = notification.remembered
        if self._threads and earlier.get("ts") and notification.reason != _ANEW:
            try:
                answer = await self._follow(url, token, message, earlier)
                return Sent(answer.status, "", tuple(texts.errors), earlier)
            except SendFailed as failure:
                # Somebody deleted the message, or it may no longer be changed.
                if failure.retryable:
                    raise
        answer, found = await self._post(url, token, message)
        if found and self.config.update_message and self.config.post_updates_to_thread:
            await self._copy(url, token, message, found)
        return Sent(answer.status, "", tuple(texts.errors), found if self._threads else {})

    async def _copy(
        self, url: str, token: str, message: dict[str, Any], posted: Mapping[str, str]
    ) -> None:
        """In the message's own thread, as it will be overwritten; not worth sending it twice."""
        with suppress(SendFailed):
            below = {"channel": posted["channel"], "thread_ts": posted["ts"]}
            await self._post(url, token, message | below)

    async def _follow(
        self, url: str, token: str, message: dict[str, Any], earlier: Mapping[str, str]
    ) -> Answer:
        """Change the earlier message, or answer it, in its channel, which a bot knows by id."""
        here, ts = {**message, "channel": earlier["channel"]}, earlier["ts"]
        if self.config.update_message:
            answer, _ = await self._post(url.replace(_POST, _UPDATE), token, {**here, "ts": ts})
        if self.config.post_updates_to_thread:
            answer, _ = await self._post(url, token, {**here, "thread_ts": ts})
        return answer

    @property
    def _threads(self) -> bool:
        return self.config.update_message or self.config.post_updates_to_thread

    def _address(self) -> tuple[str, str]:
        """Where to, and the token of a bot."""
        config = self.config
        if config.app_token or config.app_token_file:
            return config.app_url or "", revealed(config.app_token, config.app_token_file)
        return revealed(config.api_url, config.api_url_file), ""

    async def _post(
        self, url: str, token: str, message: Mapping[str, Any]
    ) -> tuple[Answer, dict[str, str]]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.http.call(
            json_request(
                "POST",
                url,
                message,
                headers=headers,
                secrets=(token,),
                timeout_s=timeout_s(self.config.timeout),
            )
        )
        return answer, _accepted(answer, message.get("channel", ""))


def _accepted(answer: Answer, channel: str) -> dict[str, str]:
    """What to remember. Raises SendFailed: Slack also refuses with 200."""
    where = f"channel {channel!r}: "
    check(answer, details=lambda a: f"{where}{a.text}")
    if not answer.headers.get("content-type", "").startswith("application/json"):
        if answer.text.strip() != "ok":
            raise refused(answer, f"{where}Slack answered: {answer.text}", retryable=False)
        return {}
    try:
        body = answer.json()
        taken, ts = body["ok"], body.get("ts", "")
    except (ValueError, KeyError, TypeError):
        reason = f"{where}Slack's answer cannot be read: {answer.text}"
        raise refused(answer, reason, retryable=True) from None
    if not taken:
        reason = f"{where}Slack answered: {body.get('error', answer.text)}"
        raise refused(answer, reason, retryable=False)
    return {"channel": str(body.get("channel", channel)), "ts": str(ts)} if ts else {}


def _message(config: SlackConfig, texts: Texts) -> dict[str, Any]:
    attachment = _attachment(config, texts)
    return said(
        {
            "channel": texts.word(config.channel),
            "username": texts.word(config.username),
            "icon_emoji": texts.word(config.icon_emoji),
            "icon_url": texts.word(config.icon_url),
            "link_names": config.link_names,
            "text": texts.prose(config.message_text),
        }
    ) | {"attachments": [attachment]}


def _attachment(config: SlackConfig, texts: Texts) -> dict[str, Any]:
    always = {
        "text": texts.prose(config.text),
        "fallback": texts.prose(config.fallback),
        "callback_id": texts.word(config.callback_id),
        "footer": texts.prose(config.footer),
        "mrkdwn_in": list(config.mrkdwn_in) or _MARKDOWN_IN,
    }
    return always | said(
        {
            "title": truncated(texts.prose(config.title), _MAX_TITLE_CHARS),
            "title_link": texts.word(config.title_link),
            "pretext": texts.prose(config.pretext),
            "image_url": texts.word(config.image_url),
            "thumb_url": texts.word(config.thumb_url),
            "color": texts.word(config.color),
            "fields": [_field(field, config.short_fields, texts) for field in config.fields],
            "actions": [_action(action, texts) for action in config.actions],
        }
    )


def _field(field: SlackField, short: bool, texts: Texts) -> dict[str, Any]:
    return {
        "title": texts.prose(field.title),
        "value": texts.prose(field.value),
        "short": short if field.short is None else field.short,
    }


def _action(action: SlackAction, texts: Texts) -> dict[str, Any]:
    confirm = action.confirm
    asked = confirm and {
        "text": texts.prose(confirm.text),
        "title": texts.prose(confirm.title),
        "ok_text": texts.prose(confirm.ok_text),
        "dismiss_text": texts.prose(confirm.dismiss_text),
    }
    return {"type": texts.word(action.type), "text": texts.prose(action.text)} | said(
        {
            "url": texts.word(action.url),
            "style": texts.word(action.style),
            "name": texts.word(action.name),
            "value": texts.word(action.value),
            "confirm": said(asked or {}),
        }
    )
