"""Opsgenie: an alert for each group, opened, brought up to date and closed."""

from dataclasses import dataclass
from typing import Any, Final

from alerting.alert import Status
from alerting.documents.secret import revealed
from alerting.notifying.http_client import check, json_request
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, Sent
from alerting.notifying.sending import file_read, said
from alerting.notifying.texts import Texts, listed, truncated
from alerting.routing.receivers.opsgenie import OpsgenieConfig
from alerting.templates.engine import Engine

_MAX_MESSAGE_CHARS: Final = 130
_MAX_DESCRIPTION_CHARS: Final = 15_000
_TEAMS: Final = "teams"
# Method, path and body of a request.
Call = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Opsgenie:
    """The group is the alert's alias."""

    config: OpsgenieConfig
    engine: Engine
    http: Http

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        with file_read():
            key = texts.needed("api_key", revealed(config.api_key, config.api_key_file))
        status = None
        for method, path, body in _calls(config, texts, notification):
            request = json_request(
                method,
                f"{config.api_url}v2/alerts{path}",
                body,
                headers={"Authorization": f"GenieKey {key}"},
                secrets=(key,),
                secret_url=False,
            )
            status = check(await self.http.call(request)).status
        return Sent(status, template_errors=tuple(texts.errors))


def _calls(config: OpsgenieConfig, texts: Texts, notification: Notification) -> list[Call]:
    alias = notification.key_hash
    by_alias = f"/{alias}/{{}}?identifierType=alias"
    source = texts.word(config.source)
    if notification.status == Status.RESOLVED:
        return [("POST", by_alias.format("close"), {"source": source})]
    alert = {
        "alias": alias,
        "message": truncated(texts.prose(config.message), _MAX_MESSAGE_CHARS),
        "details": {
            **notification.data.common_labels,
            **{name: texts.prose(value) for name, value in config.details.items()},
        },
        "source": source,
    }
    description = truncated(texts.prose(config.description), _MAX_DESCRIPTION_CHARS)
    optional = {
        "description": description,
        "responders": _responders(config, texts),
        "tags": listed(texts.word(config.tags)),
        "note": texts.prose(config.note),
        "priority": texts.word(config.priority),
        "entity": texts.word(config.entity),
        "actions": listed(texts.word(config.actions)),
    }
    calls: list[Call] = [("POST", "", alert | said(optional))]
    if config.update_alerts:
        calls.append(("PUT", by_alias.format("message"), {"message": alert["message"]}))
        calls.append(("PUT", by_alias.format("description"), {"description": description}))
    return calls


def _responders(config: OpsgenieConfig, texts: Texts) -> list[dict[str, str]]:
    found = list[dict[str, str]]()
    for each in config.responders:
        named = said(
            {
                "id": texts.word(each.id),
                "name": texts.word(each.name),
                "username": texts.word(each.username),
            }
        )
        kind = texts.word(each.type)
        if kind == _TEAMS:
            found += [{"name": team, "type": "team"} for team in listed(named.get("name", ""))]
        elif named:
            # Texts that became empty name nobody: labels may say who is to respond.
            found.append(named | {"type": kind})
    return found
