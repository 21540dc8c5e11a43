"""Opsgenie's alerts, over real HTTP."""

import pytest
from support.http_receiver import Reply, http_receiver, in_turn
from support.notifying import (
    ALERTS_URL,
    ENDED,
    KEY_HASH,
    SUBJECT,
    failure,
    notification,
    send,
    sender_of,
)

ACCEPTED = Reply.json({"result": "Request will be processed"}, 202)
DESCRIPTION = """slow <page>
Alerts Firing:
Labels:
 - alertname = Slow
 - job = web
 - severity = critical
Annotations:
 - summary = slow <page>
Source: http://here/graph?q=1

Alerts Resolved:
Labels:
 - alertname = Slow
 - job = db
 - severity = critical
Annotations:
 - summary = slow <page>
Source: http://here/graph?q=1
"""


def test_an_alert_is_opened() -> None:
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        defaults = {"opsgenie_api_url": receiver.url, "opsgenie_api_key": "hush-key"}
        assert send(sender_of("opsgenie", {}, defaults)).status == 202
    (taken,) = receiver.requests
    assert (taken.method, taken.path) == ("POST", "/v2/alerts")
    assert taken.headers["authorization"] == "GenieKey hush-key"
    assert taken.json == {
        "alias": KEY_HASH,
        "message": SUBJECT,
        "description": DESCRIPTION,
        "details": {"alertname": "Slow", "severity": "critical"},
        "source": ALERTS_URL,
    }


def test_every_field_and_updates() -> None:
    config = {
        "api_key": "k",
        "message": "m" * 200,
        "description": "d {{ .Status }}",
        "source": "s",
        "details": {"severity": "{{ .CommonLabels.severity | toUpper }}", "own": "x"},
        "entity": "e",
        "note": "n {{ .Status }}",
        "priority": "P1",
        "actions": "restart, ,page",
        "tags": "{{ .Status }},b",
        "update_alerts": True,
        "responders": [
            {"name": "one, two", "type": "teams"},
            {"username": "who", "type": "user"},
            {"id": "{{ .CommonLabels.none }}", "type": "schedule"},
        ],
    }
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        send(sender_of("opsgenie", {**config, "api_url": receiver.url}))
    assert receiver.paths() == [
        "POST /v2/alerts",
        f"PUT /v2/alerts/{KEY_HASH}/message?identifierType=alias",
        f"PUT /v2/alerts/{KEY_HASH}/description?identifierType=alias",
    ]
    message = "m" * 129 + "…"
    opened, renamed, described = (taken.json for taken in receiver.requests)
    assert opened == {
        "alias": KEY_HASH,
        "message": message,
        "description": "d firing",
        "details": {"alertname": "Slow", "severity": "CRITICAL", "own": "x"},
        "source": "s",
        "entity": "e",
        "note": "n firing",
        "priority": "P1",
        "actions": ["restart", "page"],
        "tags": ["firing", "b"],
        "responders": [
            {"name": "one", "type": "team"},
            {"name": "two", "type": "team"},
            {"username": "who", "type": "user"},
        ],
    }
    assert (renamed, described) == ({"message": message}, {"description": "d firing"})


def test_the_end_closes_it() -> None:
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        config = {"api_key": "k", "api_url": f"{receiver.url}/at/"}
        send(sender_of("opsgenie", config), notification(ENDED))
    assert receiver.paths() == [f"POST /at/v2/alerts/{KEY_HASH}/close?identifierType=alias"]
    assert receiver.requests[0].json == {"source": ALERTS_URL}


@pytest.mark.parametrize(("status", "retryable"), [(429, True), (502, True), (422, False)])
def test_which_answers_are_worth_another_attempt(status: int, retryable: bool) -> None:
    with http_receiver(in_turn(Reply(status, "about hush-key"))) as receiver:
        error = failure(sender_of("opsgenie", {"api_key": "hush-key", "api_url": receiver.url}))
    assert (error.status, error.retryable) == (status, retryable)
    assert error.text == f"unexpected status code {status}: about <secret>"
