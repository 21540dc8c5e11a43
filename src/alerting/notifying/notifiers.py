"""From an integration of the configuration to what sends its notifications."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from alerting.notifying.alertmanager import Alertmanager
from alerting.notifying.email import Email
from alerting.notifying.http_credentials import Http
from alerting.notifying.jira import Jira
from alerting.notifying.msteams import Msteams
from alerting.notifying.notification import Notifier
from alerting.notifying.opsgenie import Opsgenie
from alerting.notifying.pagerduty import Pagerduty
from alerting.notifying.slack import Slack
from alerting.notifying.sns import Sns
from alerting.notifying.webhook import Webhook
from alerting.routing.receivers.http_config import HttpConfig
from alerting.routing.receivers.receiver import Integration
from alerting.templates.engine import Engine
from goldeneye.clock import Clock


@dataclass(frozen=True)
class Sender:
    """An integration with its notifier, for as long as a configuration is in force."""

    integration: Integration
    notifier: Notifier


_HTTP_KINDS: Final[dict[str, Callable[[Any, Engine, Http], Notifier]]] = {
    "webhook": Webhook,
    "pagerduty": Pagerduty,
    "opsgenie": Opsgenie,
    "slack": Slack,
    "msteams": Msteams,
    "msteamsv2": Msteams,
    "jira": Jira,
    "alertmanager": lambda config, _, http: Alertmanager(config, http),
    "sns": lambda config, engine, http: Sns(config, engine, http, http.clock),
}


def sender(integration: Integration, engine: Engine, clock: Clock) -> Sender:
    """`integration` as a loaded configuration has it, with what it takes from `global`."""
    config: Any = integration.config
    if integration.kind == "email":
        return Sender(integration, Email(config, engine))
    own = getattr(config, "use_aws_http_client", False)
    http = Http(HttpConfig() if own else config.http_config or HttpConfig(), clock)
    return Sender(integration, _HTTP_KINDS[integration.kind](config, engine, http))
