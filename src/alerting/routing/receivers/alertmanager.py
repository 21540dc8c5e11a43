"""Another Alertmanager, which gets the alerts by its API, version 2."""

from dataclasses import dataclass

from alerting.documents.kinds import DurationNs, FilePath, SecretUrl
from alerting.routing.receivers.http_config import HttpConfig, one_of


@dataclass(frozen=True)
class AlertmanagerConfig:
    """The address without `/api/v2/alerts`; a timeout of 0 is no bound."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    url: SecretUrl | None = None
    url_file: FilePath = ""
    timeout: DurationNs = 0

    def check(self) -> None:
        one_of(url=self.url, url_file=self.url_file)
