"""A test notification to everything that a receiver tells."""

import asyncio

from support.http_receiver import Reply, http_receiver, in_turn
from support.notifying import NOW_NS
from support.smtp_server import smtp_server

from alerting.notifying import trial
from alerting.notifying.templates import engine
from alerting.routing.configuration import load
from goldeneye.clock import ManualClock

TEXT = """
route: {{receiver: team}}
receivers:
- name: team
  webhook_configs: [{{url: '{url}/a'}}, {{url: '{url}/b'}}]
  email_configs: [{{to: a@example.org, from: b@example.org, smarthost: '{smtp}',
                   require_tls: false}}]
  pagerduty_configs: [{{routing_key: k, url: '{url}/p'}}]
"""


def _answer(taken: object) -> Reply:
    path = getattr(taken, "path")  # noqa: B009
    return Reply(503 if path == "/b" else 200)


def test_each_integration_tells_how_it_went() -> None:
    clock = ManualClock(NOW_NS)
    with http_receiver(_answer) as receiver, smtp_server() as server:
        text = TEXT.format(url=receiver.url, smtp=server.smarthost)
        team = load(text, "am.yml").receivers["team"]
        trials = asyncio.run(
            trial.try_receiver(team, engine(clock.now_ns), clock, "http://g", {"severity": "page"})
        )
    assert [(t.integration, t.kind, t.delivery.delivered, t.delivery.attempts) for t in trials] == [
        ("team/webhook/0", "webhook", True, 1),
        ("team/webhook/1", "webhook", False, 1),
        ("team/email/0", "email", True, 1),
        ("team/pagerduty/0", "pagerduty", True, 1),
    ]
    assert trials[1].delivery.error == "unexpected status code 503"
    assert server.message["Subject"] == "[FIRING:1] GoldeneyeTest (page)"
    sent = next(taken.json for taken in receiver.requests if taken.path == "/a")
    assert sent["groupKey"] == '{}/test:{alertname="GoldeneyeTest", severity="page"}'
    assert sent["notification_reason"] == "test notification"
    (alert,) = sent["alerts"]
    assert alert["status"] == "firing"
    assert alert["labels"] == {"alertname": "GoldeneyeTest", "severity": "page"}
    assert alert["annotations"] == {"summary": "A test notification: nothing is wrong."}


def test_another_alertmanager_forgets_it_by_itself() -> None:
    clock = ManualClock(NOW_NS)
    with http_receiver(in_turn(Reply())) as receiver:
        text = (
            "route: {receiver: team}\nreceivers: [{name: team, "
            f"alertmanager_configs: [{{url: '{receiver.url}'}}]}}]"
        )
        team = load(text, "am.yml").receivers["team"]
        asyncio.run(trial.try_receiver(team, engine(clock.now_ns), clock, "http://g"))
    assert receiver.requests[0].json[0]["endsAt"] == "2026-01-01T00:02:30Z"
