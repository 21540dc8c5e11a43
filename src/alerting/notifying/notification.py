"""What a notifier is given, and what it answers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from alerting.alert import Alert, Status, overall_status
from alerting.labels import Labels
from alerting.notifying.data import Data, data_of
from alerting.routing.deciding import Decision


@dataclass(frozen=True)
class Notification:
    """A group's alerts for one integration, as of `now_ns`."""

    receiver: str
    # Receiver, kind and place in the receiver: `team/webhook/0`.
    integration: str
    group_key: str
    group_labels: Labels
    alerts: tuple[Alert, ...]
    external_url: str
    now_ns: int
    reason: str = ""
    # A firing alert holds until then unless it is told again; 0 where nobody knows.
    valid_until_ns: int = 0
    # What the last delivery to this group and integration said to remember.
    remembered: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def data(self) -> Data:
        """What templates are told."""
        return data_of(
            self.receiver,
            self.group_labels,
            self.alerts,
            self.external_url,
            self.now_ns,
            self.reason,
        )

    @property
    def status(self) -> Status:
        return overall_status(self.alerts, self.now_ns)

    @property
    def firing(self) -> tuple[Alert, ...]:
        return tuple(alert for alert in self.alerts if not alert.resolved(self.now_ns))

    @property
    def resolved(self) -> tuple[Alert, ...]:
        return tuple(alert for alert in self.alerts if alert.resolved(self.now_ns))

    @cached_property
    def key_hash(self) -> str:
        """The group in 64 characters, for services that bound the length of their keys."""
        return hashlib.sha256(self.group_key.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Sent:
    """A notification that was taken; each template that failed is named, its text was replaced."""

    status: int | None = None
    text: str = ""
    template_errors: tuple[str, ...] = ()
    remembered: Mapping[str, str] = field(default_factory=dict)


class SendFailed(Exception):
    """A notification that was not taken; the text shows no secret.

    `retry_after_s` is how long the receiver asked to be left alone, 0 where it did not.
    """

    def __init__(
        self,
        text: str,
        *,
        retryable: bool,
        status: int | None = None,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.retryable = retryable
        self.status = status
        self.retry_after_s = retry_after_s

    def of(self, prefix: str) -> "SendFailed":
        """The same, told more exactly."""
        return SendFailed(
            f"{prefix}: {self.text}",
            retryable=self.retryable,
            status=self.status,
            retry_after_s=self.retry_after_s,
        )


class Notifier(Protocol):
    """One kind of receiver, with its configuration."""

    async def send(self, notification: Notification) -> Sent:
        """One attempt. Raises SendFailed."""
        ...


def notification_of(
    decision: Decision, external_url: str, remembered: Mapping[str, str] | None = None
) -> Notification:
    """What a decision that sends has to say."""
    batch, options = decision.batch, decision.batch.options
    return Notification(
        receiver=decision.integration.receiver,
        integration=decision.integration.name,
        group_key=batch.group_key,
        group_labels=batch.group_labels,
        alerts=batch.alerts,
        external_url=external_url,
        now_ns=batch.now_ns,
        reason=batch.reason or "",
        # One turn may fail, and the repetition comes at the first turn after its interval.
        valid_until_ns=batch.now_ns + options.repeat_interval_ns + 2 * options.group_interval_ns,
        remembered=remembered or {},
    )
