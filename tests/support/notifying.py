"""Notifications of a group in which one alert fires and one ended, sent by a configuration."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from alerting.alert import Alert
from alerting.notifying.notification import Notification, SendFailed, Sent
from alerting.notifying.notifiers import Sender, sender
from alerting.notifying.templates import engine
from alerting.routing.configuration import load
from goldeneye.clock import Clock, ManualClock

SECOND_NS = 1_000_000_000
START_NS = 1_767_225_600 * SECOND_NS
NOW_NS = START_NS + 90 * SECOND_NS
FIRING = Alert(
    {"alertname": "Slow", "job": "web", "severity": "critical"},
    {"summary": "slow <page>"},
    START_NS,
    generator_url="http://here/graph?q=1",
)
ENDED = Alert(
    {"alertname": "Slow", "job": "db", "severity": "critical"},
    {"summary": "slow <page>"},
    START_NS,
    START_NS + 60 * SECOND_NS,
    generator_url="http://here/graph?q=1",
)
GROUP_KEY = '{}/{job="web"}:{alertname="Slow"}'
# sha256 of the key.
KEY_HASH = "f3079d101bf49ddf005f104eb1f6b17cddf8ae43d2f1acbbff2c7a1f36373a82"
SUBJECT = "[FIRING:1] Slow (critical)"
ENDED_SUBJECT = "[RESOLVED] Slow (db critical)"
ALERTS_URL = "http://goldeneye.example/#/alerts?receiver=team"


def notification(*alerts: Alert, **changed: Any) -> Notification:
    """Of the two alerts, where none is given."""
    whole = Notification(
        receiver="team",
        integration="team/webhook/0",
        group_key=GROUP_KEY,
        group_labels={"alertname": "Slow"},
        alerts=alerts or (FIRING, ENDED),
        external_url="http://goldeneye.example",
        now_ns=NOW_NS,
        reason="first notification",
        valid_until_ns=NOW_NS + 3_600 * SECOND_NS,
    )
    return replace(whole, **changed)


def sender_of(
    kind: str,
    config: dict[str, Any],
    defaults: dict[str, Any] | None = None,
    clock: Clock | None = None,
    folder: Path | None = None,
    templates: tuple[Path, ...] = (),
) -> Sender:
    """Of a whole configuration with one receiver of one kind."""
    text = yaml.safe_dump(
        {
            "global": defaults or {},
            "route": {"receiver": "team"},
            "receivers": [{"name": "team", f"{kind}_configs": [config]}],
        }
    )
    (integration,) = load(text, "am.yml", folder).receivers["team"].integrations()
    clock = clock or ManualClock(NOW_NS)
    return sender(integration, engine(clock.now_ns, templates), clock)


def send(to: Sender, what: Notification | None = None) -> Sent:
    """Raises SendFailed."""
    return asyncio.run(to.notifier.send(what or notification()))


def failure(to: Sender, what: Notification | None = None) -> SendFailed:
    """How it failed."""
    try:
        raise AssertionError(f"it was sent: {send(to, what)}")
    except SendFailed as error:
        return error
