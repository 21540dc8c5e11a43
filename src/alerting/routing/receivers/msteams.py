"""Microsoft Teams: connectors (`msteams`) and workflows with adaptive cards (`msteamsv2`)."""

from dataclasses import dataclass

from alerting.documents.kinds import FilePath, SecretUrl
from alerting.routing.receivers.http_config import HttpConfig, one_of


@dataclass(frozen=True)
class MsteamsConfig:
    """A connector's message."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    webhook_url: SecretUrl | None = None
    webhook_url_file: FilePath = ""
    title: str = '{{ template "msteams.default.title" . }}'
    summary: str = '{{ template "msteams.default.summary" . }}'
    text: str = '{{ template "msteams.default.text" . }}'

    def check(self) -> None:
        one_of(webhook_url=self.webhook_url, webhook_url_file=self.webhook_url_file)


@dataclass(frozen=True)
class Msteamsv2Config:
    """An adaptive card."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    webhook_url: SecretUrl | None = None
    webhook_url_file: FilePath = ""
    title: str = '{{ template "msteamsv2.default.title" . }}'
    text: str = '{{ template "msteamsv2.default.text" . }}'

    def check(self) -> None:
        one_of(webhook_url=self.webhook_url, webhook_url_file=self.webhook_url_file)
