"""Opsgenie's alert API."""

from dataclasses import dataclass, field

from alerting.documents.decode import Refused
from alerting.documents.kinds import FilePath, SecretText, Url
from alerting.routing.receivers.http_config import HttpConfig, at_most_one

_TYPES = ("team", "teams", "user", "escalation", "schedule")


@dataclass(frozen=True)
class OpsgenieResponder:
    """Who is to respond, by id, name or username."""

    id: str = ""
    name: str = ""
    username: str = ""
    type: str = ""

    def check(self) -> None:
        if not (self.id or self.name or self.username):
            raise Refused("at least one of id, username or name must be configured")
        if "{{" not in self.type and self.type.lower() not in _TYPES:
            raise Refused(f"type {self.type!r} is none of {', '.join(_TYPES)}", "type")


@dataclass(frozen=True)
class OpsgenieConfig:
    """All texts but the key and the address are templates."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    api_key: SecretText | None = None
    api_key_file: FilePath = ""
    api_url: Url | None = None
    message: str = '{{ template "opsgenie.default.message" . }}'
    description: str = '{{ template "opsgenie.default.description" . }}'
    source: str = '{{ template "opsgenie.default.source" . }}'
    details: dict[str, str] = field(default_factory=dict)
    entity: str = ""
    responders: tuple[OpsgenieResponder, ...] = ()
    actions: str = ""
    tags: str = ""
    note: str = ""
    priority: str = ""
    update_alerts: bool = False

    def check(self) -> None:
        at_most_one(api_key=self.api_key, api_key_file=self.api_key_file)
