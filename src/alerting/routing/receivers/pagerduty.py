"""PagerDuty's Events API, version 2, or version 1 with a service key."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from alerting.documents.decode import Refused
from alerting.documents.kinds import DurationNs, FilePath, SecretText, Url
from alerting.routing.receivers.http_config import HttpConfig, at_most_one

DETAILS: Final = {
    "firing": "{{ .Alerts.Firing | toJson }}",
    "resolved": "{{ .Alerts.Resolved | toJson }}",
    "num_firing": "{{ .Alerts.Firing | len }}",
    "num_resolved": "{{ .Alerts.Resolved | len }}",
}


@dataclass(frozen=True)
class PagerdutyImage:
    """A picture beside the incident."""

    src: str = ""
    alt: str = ""
    href: str = ""


@dataclass(frozen=True)
class PagerdutyLink:
    """An address beside the incident."""

    href: str = ""
    text: str = ""


@dataclass(frozen=True)
class PagerdutyConfig:
    """All texts but keys and the address are templates."""

    send_resolved: bool = True
    http_config: HttpConfig | None = None
    service_key: SecretText | None = None
    service_key_file: FilePath = ""
    routing_key: SecretText | None = None
    routing_key_file: FilePath = ""
    url: Url | None = None
    client: str = '{{ template "pagerduty.default.client" . }}'
    client_url: str = '{{ template "pagerduty.default.clientURL" . }}'
    description: str = '{{ template "pagerduty.default.description" . }}'
    details: dict[str, Any] = field(default_factory=dict)
    images: tuple[PagerdutyImage, ...] = ()
    links: tuple[PagerdutyLink, ...] = ()
    source: str = ""
    severity: str = ""
    # `class` is no name in Python.
    class_: str = field(default="", metadata={"key": "class"})
    component: str = ""
    group: str = ""
    timeout: DurationNs = 0

    def check(self) -> None:
        at_most_one(routing_key=self.routing_key, routing_key_file=self.routing_key_file)
        at_most_one(service_key=self.service_key, service_key_file=self.service_key_file)
        if not (
            self.routing_key or self.routing_key_file or self.service_key or self.service_key_file
        ):
            raise Refused("missing service or routing key in PagerDuty config")

    def completed(self) -> "PagerdutyConfig":
        """With the details that are always told, and the source."""
        return replace(self, details={**DETAILS, **self.details}, source=self.source or self.client)
