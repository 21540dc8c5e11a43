"""One alert of a test to all that a receiver tells, so that nobody learns of a typo at night."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from alerting.alert import Alert
from alerting.labels import ALERT_NAME, Labels, written
from alerting.notifying.delivery import Delivery, deliver
from alerting.notifying.notification import Notification
from alerting.notifying.notifiers import sender
from alerting.notifying.turns import Turns
from alerting.routing.receivers.receiver import Integration, Receiver
from alerting.templates.engine import Engine
from goldeneye.clock import Clock
from goldeneye.limits import RECEIVER_TIMEOUT_S

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_LABELS: Final = {ALERT_NAME: "GoldeneyeTest", "severity": "info"}
_ANNOTATIONS: Final = {"summary": "A test notification: nothing is wrong."}
REASON: Final = "test notification"


@dataclass(frozen=True)
class Trial:
    """What became of it at one integration, `team/webhook/0`."""

    integration: str
    kind: str
    delivery: Delivery


async def try_receiver(
    receiver: Receiver,
    engine: Engine,
    clock: Clock,
    external_url: str,
    labels: Labels = _NONE,
    annotations: Labels = _NONE,
) -> tuple[Trial, ...]:
    """One firing alert to each integration, all at the same time, one attempt each."""
    integrations = tuple(receiver.integrations())
    now_ns = clock.now_ns()
    alert = Alert(
        labels={**_LABELS, **labels},
        annotations={**_ANNOTATIONS, **annotations},
        starts_at_ns=now_ns,
        generator_url=external_url,
    )
    trials = (_try(each, alert, engine, clock, external_url) for each in integrations)
    return tuple(await asyncio.gather(*trials))


async def _try(
    integration: Integration, alert: Alert, engine: Engine, clock: Clock, external_url: str
) -> Trial:
    notification = Notification(
        receiver=integration.receiver,
        integration=integration.name,
        # Of no route: it must not touch the incidents of real groups.
        group_key=f"{{}}/test:{written(alert.labels)}",
        group_labels={ALERT_NAME: alert.name},
        alerts=(alert,),
        external_url=external_url,
        now_ns=clock.now_ns(),
        reason=REASON,
        # Nobody ends it, so it ends by itself.
        valid_until_ns=clock.now_ns() + 60_000_000_000,
    )
    delivery = await deliver(
        sender(integration, engine, clock),
        notification,
        clock,
        clock.monotonic_s() + RECEIVER_TIMEOUT_S,
        Turns(),
        max_attempts=1,
    )
    return Trial(integration.name, integration.kind, delivery)
