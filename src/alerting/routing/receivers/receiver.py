"""A receiver: a name and all that it tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from alerting.documents.decode import Refused, keys, place
from alerting.routing.receivers.alertmanager import AlertmanagerConfig
from alerting.routing.receivers.email import EmailConfig
from alerting.routing.receivers.jira import JiraConfig
from alerting.routing.receivers.msteams import MsteamsConfig, Msteamsv2Config
from alerting.routing.receivers.opsgenie import OpsgenieConfig
from alerting.routing.receivers.pagerduty import PagerdutyConfig
from alerting.routing.receivers.slack import SlackConfig
from alerting.routing.receivers.sns import SnsConfig
from alerting.routing.receivers.webhook import WebhookConfig

IntegrationConfig = (
    AlertmanagerConfig
    | EmailConfig
    | JiraConfig
    | MsteamsConfig
    | Msteamsv2Config
    | OpsgenieConfig
    | PagerdutyConfig
    | SlackConfig
    | SnsConfig
    | WebhookConfig
)
# Kinds of Alertmanager's that we do not have.
_STRANGERS: Final = (
    "discord",
    "incidentio",
    "jsm",
    "mattermost",
    "onebot",
    "pushover",
    "rocketchat",
    "signl4",
    "telegram",
    "victorops",
    "webex",
    "wechat",
)
_SUFFIX: Final = "_configs"


@dataclass(frozen=True)
class Integration:
    """One of a receiver's ways to tell."""

    receiver: str
    kind: str
    index: int
    config: IntegrationConfig

    @property
    def name(self) -> str:
        """What the notification log knows it by."""
        return f"{self.receiver}/{self.kind}/{self.index}"


@dataclass(frozen=True)
class Receiver:
    """Each kind's configurations, in their order."""

    name: str
    webhook_configs: tuple[WebhookConfig, ...] = ()
    email_configs: tuple[EmailConfig, ...] = ()
    pagerduty_configs: tuple[PagerdutyConfig, ...] = ()
    opsgenie_configs: tuple[OpsgenieConfig, ...] = ()
    slack_configs: tuple[SlackConfig, ...] = ()
    sns_configs: tuple[SnsConfig, ...] = ()
    msteams_configs: tuple[MsteamsConfig, ...] = ()
    msteamsv2_configs: tuple[Msteamsv2Config, ...] = ()
    jira_configs: tuple[JiraConfig, ...] = ()
    alertmanager_configs: tuple[AlertmanagerConfig, ...] = ()
    line: int = place()

    REFUSALS: ClassVar[dict[str, str]] = {}

    def check(self) -> None:
        if not self.name:
            raise Refused("missing name in receiver", "name")

    def integrations(self) -> Iterator[Integration]:
        """All of them, by kind and place."""
        for key in keys(Receiver):
            if key.endswith(_SUFFIX):
                kind = key.removesuffix(_SUFFIX)
                for index, config in enumerate(getattr(self, key)):
                    yield Integration(self.name, kind, index, config)


KINDS: Final = tuple(k.removesuffix(_SUFFIX) for k in keys(Receiver) if k.endswith(_SUFFIX))
Receiver.REFUSALS.update(
    {
        kind + _SUFFIX: f"receivers of the kind {kind} are not supported; "
        f"there are {', '.join(KINDS)}"
        for kind in _STRANGERS
    }
)
