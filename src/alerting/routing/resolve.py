"""Receivers with what they take from `global`."""

from dataclasses import replace
from typing import Any, Final

from alerting.routing.receivers.email import EmailConfig
from alerting.routing.receivers.jira import JiraConfig
from alerting.routing.receivers.opsgenie import OpsgenieConfig
from alerting.routing.receivers.pagerduty import PagerdutyConfig
from alerting.routing.receivers.receiver import KINDS, Receiver
from alerting.routing.receivers.slack import SlackConfig
from alerting.routing.spec import GlobalSpec

_SLACK_APP_URL: Final = "https://slack.com/api/chat.postMessage"


def resolved(receiver: Receiver, defaults: GlobalSpec) -> Receiver:
    """Raises ValueError where neither says what is needed."""
    configs: dict[str, Any] = {
        f"{kind}_configs": tuple(
            _resolved(config, defaults) for config in getattr(receiver, f"{kind}_configs")
        )
        for kind in KINDS
    }
    return replace(receiver, **configs)


def _resolved(config: Any, defaults: GlobalSpec) -> Any:
    match config:
        case EmailConfig():
            return _email(config, defaults)
        case SlackConfig():
            config = _slack(config, defaults)
        case PagerdutyConfig():
            config = replace(config.completed(), url=config.url or defaults.pagerduty_url)
        case OpsgenieConfig():
            config = _opsgenie(config, defaults)
        case JiraConfig():
            if not (config.api_url or defaults.jira_api_url):
                raise ValueError("no global Jira Cloud URL set")
            config = replace(config, api_url=config.api_url or defaults.jira_api_url)
    return config if config.http_config else replace(config, http_config=defaults.http_config)


def _email(config: EmailConfig, defaults: GlobalSpec) -> EmailConfig:
    if not (config.smarthost or defaults.smtp_smarthost):
        raise ValueError("no global SMTP smarthost set")
    if not (config.from_ or defaults.smtp_from):
        raise ValueError("no global SMTP from set")
    own_password = config.auth_password or config.auth_password_file
    own_secret = config.auth_secret or config.auth_secret_file
    password, secret = (config if own else None for own in (own_password, own_secret))
    return replace(
        config,
        smarthost=config.smarthost or defaults.smtp_smarthost,
        from_=config.from_ or defaults.smtp_from,
        hello=config.hello or defaults.smtp_hello,
        auth_username=config.auth_username or defaults.smtp_auth_username,
        auth_password=password.auth_password if password else defaults.smtp_auth_password,
        auth_password_file=(
            password.auth_password_file if password else defaults.smtp_auth_password_file
        ),
        auth_secret=secret.auth_secret if secret else defaults.smtp_auth_secret,
        auth_secret_file=secret.auth_secret_file if secret else defaults.smtp_auth_secret_file,
        auth_identity=config.auth_identity or defaults.smtp_auth_identity,
        require_tls=_or(config.require_tls, defaults.smtp_require_tls),
        tls_config=config.tls_config or defaults.smtp_tls_config,
        force_implicit_tls=_or(config.force_implicit_tls, defaults.smtp_force_implicit_tls),
    )


def _or(own: bool | None, default: bool | None) -> bool | None:
    return default if own is None else own


def _slack(config: SlackConfig, defaults: GlobalSpec) -> SlackConfig:
    if config.api_url or config.api_url_file:
        return config
    if config.app_token or config.app_token_file:
        return replace(config, app_url=config.app_url or defaults.slack_app_url or _SLACK_APP_URL)
    if defaults.slack_app_token or defaults.slack_app_token_file:
        return replace(
            config,
            app_token=defaults.slack_app_token,
            app_token_file=defaults.slack_app_token_file,
            app_url=config.app_url or defaults.slack_app_url or _SLACK_APP_URL,
        )
    if not (defaults.slack_api_url or defaults.slack_api_url_file):
        raise ValueError("no Slack API URL nor App token set either inline or in a file")
    return replace(config, api_url=defaults.slack_api_url, api_url_file=defaults.slack_api_url_file)


def _opsgenie(config: OpsgenieConfig, defaults: GlobalSpec) -> OpsgenieConfig:
    if not (config.api_key or config.api_key_file):
        if not (defaults.opsgenie_api_key or defaults.opsgenie_api_key_file):
            raise ValueError("no global OpsGenie API Key set either inline or in a file")
        config = replace(
            config,
            api_key=defaults.opsgenie_api_key,
            api_key_file=defaults.opsgenie_api_key_file,
        )
    url = config.api_url or defaults.opsgenie_api_url
    return replace(config, api_url=url if url.endswith("/") else f"{url}/")
