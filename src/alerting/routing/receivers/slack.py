"""Slack, by an incoming webhook or a bot's token."""

from dataclasses import dataclass

from alerting.documents.decode import Refused
from alerting.documents.kinds import DurationNs, FilePath, SecretText, SecretUrl, Url
from alerting.routing.receivers.http_config import HttpConfig, at_most_one

POST_MESSAGE = "https://slack.com/api/chat.postMessage"


@dataclass(frozen=True)
class SlackConfirm:
    """The question before a button acts."""

    text: str
    title: str = ""
    ok_text: str = ""
    dismiss_text: str = ""


@dataclass(frozen=True)
class SlackAction:
    """A button."""

    type: str
    text: str
    url: str = ""
    style: str = ""
    name: str = ""
    value: str = ""
    confirm: SlackConfirm | None = None

    def check(self) -> None:
        if not self.url and not self.name:
            raise Refused("missing name or url in Slack action configuration")


@dataclass(frozen=True)
class SlackField:
    """One field of the attachment; `short` is `short_fields` where it is left out."""

    title: str
    value: str
    short: bool | None = None


@dataclass(frozen=True)
class SlackConfig:
    """All texts but addresses are templates."""

    send_resolved: bool = False
    http_config: HttpConfig | None = None
    api_url: SecretUrl | None = None
    api_url_file: FilePath = ""
    app_token: SecretText | None = None
    app_token_file: FilePath = ""
    app_url: Url | None = None
    channel: str = ""
    username: str = '{{ template "slack.default.username" . }}'
    color: str = '{{ template "slack.default.color" . }}'
    title: str = '{{ template "slack.default.title" . }}'
    title_link: str = '{{ template "slack.default.titlelink" . }}'
    pretext: str = '{{ template "slack.default.pretext" . }}'
    text: str = '{{ template "slack.default.text" . }}'
    message_text: str = ""
    fields: tuple[SlackField, ...] = ()
    short_fields: bool = False
    footer: str = '{{ template "slack.default.footer" . }}'
    fallback: str = '{{ template "slack.default.fallback" . }}'
    callback_id: str = '{{ template "slack.default.callbackid" . }}'
    icon_emoji: str = '{{ template "slack.default.iconemoji" . }}'
    icon_url: str = '{{ template "slack.default.iconurl" . }}'
    image_url: str = ""
    thumb_url: str = ""
    link_names: bool = False
    mrkdwn_in: tuple[str, ...] = ()
    actions: tuple[SlackAction, ...] = ()
    update_message: bool = False
    post_updates_to_thread: bool = False
    timeout: DurationNs = 0

    def check(self) -> None:
        at_most_one(api_url=self.api_url, api_url_file=self.api_url_file)
        at_most_one(app_token=self.app_token, app_token_file=self.app_token_file)
        if (self.api_url or self.api_url_file) and (self.app_token or self.app_token_file):
            raise Refused(
                "at most one of api_url/api_url_file & app_token/app_token_file must be configured"
            )
        bot = self.api_url is not None and self.api_url.reveal() == POST_MESSAGE
        for name in ("update_message", "post_updates_to_thread"):
            if getattr(self, name) and not bot:
                raise Refused(f"needs a bot's token: api_url must be {POST_MESSAGE}", name)
