"""A POST of the payload, version 4, to any address."""

from dataclasses import dataclass
from typing import Annotated, Any

from alerting.documents.kinds import DurationNs, FilePath, Scalar, http_url
from alerting.documents.secret import SHOWN, Secret
from alerting.routing.receivers.http_config import HttpConfig, one_of


def _template_url(text: str) -> Secret:
    secret = Secret.parse(text)
    if "{{" not in text and text != SHOWN:
        http_url(secret.reveal())
    return secret


@dataclass(frozen=True)
class WebhookConfig:
    """`max_alerts` and `timeout` of 0 are no bound; the address may be a template."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    url: Annotated[Secret, Scalar(_template_url, lambda _: SHOWN)] | None = None
    url_file: FilePath = ""
    max_alerts: int = 0
    timeout: DurationNs = 0
    # Texts in it are templates; what is sent instead of version 4.
    payload: Any = None

    def check(self) -> None:
        one_of(url=self.url, url_file=self.url_file)
