"""Mail: who it is from, who gets it, what stands in it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, make_msgid
from typing import Final

from alerting.documents.secret import revealed
from alerting.notifying.notification import Notification, SendFailed, Sent
from alerting.notifying.sending import file_read
from alerting.notifying.smtp import Login, Mail, Server, hand_over
from alerting.notifying.texts import Texts
from alerting.notifying.tls_context import tls_context
from alerting.routing.receivers.email import EmailConfig
from alerting.templates.engine import Engine

_SUBJECT: Final = '{{ template "email.default.subject" . }}'
# What the mail is made of says these itself.
_OURS: Final = ("content-type", "content-transfer-encoding", "mime-version")


@dataclass(frozen=True)
class Email:
    """One mail to all recipients."""

    config: EmailConfig
    engine: Engine

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        sender = _addresses("from", texts.needed("from", config.from_))
        if len(sender) != 1:
            raise SendFailed("from: must be exactly one address", retryable=False)
        recipients = _addresses("to", texts.needed("to", config.to))
        try:
            content = _message(config, texts, notification).as_bytes(policy=SMTP)
        except (MessageError, ValueError, IndexError) as error:
            raise SendFailed(f"the mail cannot be written: {error}", retryable=False) from None
        mail = Mail(sender[0], recipients, content)
        # The status of SMTP's replies is in the text: 250 whenever there is one.
        answer = await hand_over(await self._server(), mail)
        return Sent(text=answer, template_errors=tuple(texts.errors))

    async def _server(self) -> Server:
        config = self.config
        with file_read():
            return Server(
                config.smarthost,
                config.hello,
                await asyncio.to_thread(tls_context, config.tls_config),
                config.require_tls is not False,
                config.force_implicit_tls,
                Login(
                    config.auth_username,
                    revealed(config.auth_password, config.auth_password_file),
                    revealed(config.auth_secret, config.auth_secret_file),
                    config.auth_identity,
                ),
            )


def _addresses(field: str, text: str) -> list[str]:
    """Raises SendFailed where there is none, or one that is none."""
    found = [address for _, address in getaddresses([text])]
    if not found or any(address.count("@") != 1 or " " in address for address in found):
        raise SendFailed(f"{field}: {text!r} are no addresses of mail", retryable=False)
    return found


def _message(config: EmailConfig, texts: Texts, notification: Notification) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    headers = _headers(config, texts)
    for name, value in headers.items():
        # A line break would begin a header of somebody else's choice.
        message[name] = " ".join(value.split())
    if "message-id" not in map(str.lower, headers):
        message["Message-Id"] = make_msgid(domain="goldeneye")
    if "date" not in map(str.lower, headers):
        message["Date"] = format_datetime(_at(notification))
    if config.threading.enabled:
        root = _thread(config, notification)
        message["References"] = root
        message["In-Reply-To"] = root
    text, html = config.text and texts.prose(config.text), config.html and texts.html(config.html)
    if text or not html:
        message.set_content(text, cte="quoted-printable")
    if text and html:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    elif html:
        message.set_content(html, subtype="html", cte="quoted-printable")
    return message


def _headers(config: EmailConfig, texts: Texts) -> Mapping[str, str]:
    """The user's, then those which must be there."""
    own = {name: texts.prose(value) for name, value in config.headers.items()}
    given = {name.lower() for name in own}
    usual = {"Subject": texts.prose, "To": texts.word, "From": texts.word}
    templates = {"Subject": _SUBJECT, "To": config.to, "From": config.from_}
    rest = {name: make(templates[name]) for name, make in usual.items()}
    missing = {name: value for name, value in rest.items() if name.lower() not in given}
    return {n: v for n, v in {**own, **missing}.items() if n.lower() not in _OURS}


def _thread(config: EmailConfig, notification: Notification) -> str:
    """The mail that all of a group answer; there is none, and clients group them all the same."""
    day = (
        _at(notification).strftime("%Y-%m-%d") if config.threading.thread_by_date == "daily" else ""
    )
    return f"<alert-{notification.key_hash[:16]}-{day}@goldeneye>"


def _at(notification: Notification) -> datetime:
    return datetime.fromtimestamp(notification.now_ns / 1e9, UTC)
