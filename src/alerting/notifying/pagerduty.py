"""PagerDuty: incidents by its Events API, version 2, or version 1 with a service key."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from alerting.alert import Status
from alerting.documents.secret import revealed
from alerting.notifying.http_client import Answer, check, json_request
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, Sent
from alerting.notifying.sending import file_read, said, timeout_s
from alerting.notifying.texts import Texts, truncated
from alerting.routing.receivers.pagerduty import PagerdutyConfig
from alerting.templates.engine import Engine

_MAX_SUMMARY_CHARS: Final = 1024
_MAX_EVENT_BYTES: Final = 512_000
_V1_PATH: Final = "/generic/2010-04-15/create_event.json"
_BAD_REQUEST: Final = 400
# How version 1 says that there were too many requests.
_FORBIDDEN: Final = 403
_LEFT_OUT: Final = {
    "error": f"the details are left out: the event would exceed {_MAX_EVENT_BYTES} bytes"
}


@dataclass(frozen=True)
class Pagerduty:
    """One incident for each group."""

    config: PagerdutyConfig
    engine: Engine
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        v1 = bool(config.service_key or config.service_key_file)
        with file_read():
            own = (
                revealed(config.service_key, config.service_key_file)
                if v1
                else revealed(config.routing_key, config.routing_key_file)
            )
        key = texts.needed("service_key" if v1 else "routing_key", own)
        resolved = notification.status == Status.RESOLVED
        event = _event(config, texts, "resolve" if resolved else "trigger", v1=v1)
        keys = ("service_key", "incident_key") if v1 else ("routing_key", "dedup_key")
        event |= dict(zip(keys, (key, notification.key_hash), strict=True))
        url = config.url or ""
        request = json_request(
            "POST",
            _v1_url(url) if v1 else url,
            _bounded(event),
            secrets=(key,),
            secret_url=False,
            timeout_s=timeout_s(config.timeout),
        )
        answer = await self.http.call(request)
        check(answer, (_FORBIDDEN,) if v1 else (), _details)
        return Sent(answer.status, template_errors=tuple(texts.errors))


def _event(config: PagerdutyConfig, texts: Texts, action: str, *, v1: bool) -> dict[str, Any]:
    summary = truncated(texts.prose(config.description), _MAX_SUMMARY_CHARS)
    details = {name: texts.deep(value) for name, value in config.details.items()}
    client = said(
        {"client": texts.word(config.client), "client_url": texts.word(config.client_url)}
    )
    if v1:
        event = {"event_type": action, "description": summary, "details": details}
        return event | (client if action == "trigger" else {})
    optional = {
        "class": texts.word(config.class_),
        "component": texts.word(config.component),
        "group": texts.word(config.group),
        "custom_details": details,
    }
    return {
        "event_action": action,
        "payload": {
            "summary": summary,
            "source": texts.word(config.source or config.client),
            "severity": texts.word(config.severity, "error") or "error",
            **said(optional),
        },
        **client,
        **said({"images": _images(config, texts), "links": _links(config, texts)}),
    }


def _images(config: PagerdutyConfig, texts: Texts) -> list[dict[str, str]]:
    images = (
        {"src": texts.word(each.src), "alt": texts.word(each.alt), "href": texts.word(each.href)}
        for each in config.images
    )
    return [image for image in images if image["src"]]


def _links(config: PagerdutyConfig, texts: Texts) -> list[dict[str, str]]:
    links = (
        {"href": texts.word(each.href), "text": texts.word(each.text)} for each in config.links
    )
    return [link for link in links if link["href"]]


def _bounded(event: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")) <= _MAX_EVENT_BYTES:
        return event
    if "payload" not in event:
        return event | {"details": _LEFT_OUT}
    return event | {"payload": event["payload"] | {"custom_details": _LEFT_OUT}}


def _v1_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{_V1_PATH}"


def _details(answer: Answer) -> str:
    """What PagerDuty says is wrong with an event."""
    if answer.status != _BAD_REQUEST:
        return ""
    try:
        body = answer.json()
        return f"{body['message']}: {','.join(body.get('errors') or [])}"
    except (ValueError, KeyError, TypeError):
        return ""
