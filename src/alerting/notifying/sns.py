"""Amazon's Simple Notification Service: a message to a topic, a phone or an endpoint."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from alerting.notifying.aws_credentials import Signer, domain, in_role, signer, sts_endpoint
from alerting.notifying.http_client import Answer, check
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import Notification, Sent
from alerting.notifying.sending import file_read
from alerting.notifying.texts import Texts, truncated, truncated_bytes
from alerting.routing.receivers.sns import SnsConfig
from alerting.templates.engine import Engine
from goldeneye.clock import Clock

_MAX_MESSAGE_BYTES: Final = 256 * 1024
_MAX_SMS_BYTES: Final = 1_600
_MAX_SUBJECT_CHARS: Final = 99
_FIFO: Final = ".fifo"
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Sns:
    """Signed by ourselves; `sts_url` is who lends the keys of a role, where it is not Amazon's."""

    config: SnsConfig
    engine: Engine
    http: Http
    clock: Clock
    sts_url: str = field(default="")

    async def send(self, notification: Notification) -> Sent:
        """Raises SendFailed."""
        config, texts = self.config, Texts(self.engine, notification)
        form = _form(config, texts, notification)
        target = form.get("TopicArn") or form.get("TargetArn") or ""
        with file_read():
            who = await self._signer(_region(target))
        url = texts.word(config.api_url) or f"https://sns.{who.region}.{domain(who.region)}/"
        request = who.request("sns", url, form, self.clock.now_ns())
        answer = check(await self.http.call(request), details=_details)
        return Sent(answer.status, template_errors=tuple(texts.errors))

    async def _signer(self, region: str) -> Signer:
        sigv4 = self.config.sigv4
        own = signer(sigv4, region)
        if not sigv4.role_arn:
            return own
        endpoint = self.sts_url or sts_endpoint(sigv4, own.region)
        return await in_role(own, sigv4, self.http, endpoint, self.clock.now_ns())


def _form(config: SnsConfig, texts: Texts, notification: Notification) -> dict[str, str]:
    form = {"Action": "Publish", "Version": "2010-03-31"}
    whole = texts.prose(config.message)
    attributes = {name: texts.word(value) for name, value in config.attributes.items()}
    message = truncated_bytes(whole, _MAX_SMS_BYTES if config.phone_number else _MAX_MESSAGE_BYTES)
    if config.phone_number:
        form["PhoneNumber"] = texts.word(config.phone_number)
    elif config.topic_arn:
        form["TopicArn"] = texts.word(config.topic_arn)
    else:
        form["TargetArn"] = texts.word(config.target_arn)
    if message != whole and not config.phone_number:
        attributes["truncated"] = "true"
    # An empty message is refused.
    form["Message"] = message or notification.status
    if subject := _CONTROLS.sub(" ", texts.prose(config.subject)).strip():
        form["Subject"] = truncated(subject, _MAX_SUBJECT_CHARS)
    if form.get("TopicArn", "").endswith(_FIFO):
        form["MessageGroupId"] = notification.key_hash
        # What has the same id is dropped for five minutes: an end that follows its beginning
        # must have another, a repeated attempt the same.
        told = f"{notification.key_hash}{notification.now_ns}"
        form["MessageDeduplicationId"] = hashlib.sha256(told.encode()).hexdigest()
    for number, (name, value) in enumerate(sorted(attributes.items()), 1):
        prefix = f"MessageAttributes.entry.{number}"
        form[f"{prefix}.Name"] = name
        form[f"{prefix}.Value.DataType"] = "String"
        form[f"{prefix}.Value.StringValue"] = value
    return form


def _region(arn: str) -> str:
    """`arn:aws:sns:<region>:…`"""
    parts = arn.split(":")
    return parts[3] if len(parts) > 4 else ""


def _details(answer: Answer) -> str:
    """Code and message of the error that the answer's XML holds."""
    found = [
        match[1]
        for name in ("Code", "Message")
        if (match := re.search(rf"<{name}>([^<]*)</{name}>", answer.text))
    ]
    return ": ".join(found)
