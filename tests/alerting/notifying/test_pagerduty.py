"""PagerDuty's events, over real HTTP."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.http_receiver import Reply, http_receiver, in_turn
from support.notifying import (
    ALERTS_URL,
    ENDED,
    ENDED_SUBJECT,
    FIRING,
    KEY_HASH,
    SUBJECT,
    failure,
    notification,
    send,
    sender_of,
)

ACCEPTED = Reply.json({"status": "success", "message": "Event processed"}, 202)


def _alert(status: str, job: str, ends: str, fingerprint: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "Slow", "job": job, "severity": "critical"},
        "annotations": {"summary": "slow <page>"},
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": ends,
        "generatorURL": "http://here/graph?q=1",
        "fingerprint": fingerprint,
    }


DETAILS = {
    "firing": [_alert("firing", "web", "0001-01-01T00:00:00Z", FIRING.fingerprint)],
    "resolved": [_alert("resolved", "db", "2026-01-01T00:01:00Z", ENDED.fingerprint)],
    "num_firing": 1,
    "num_resolved": 1,
}


def test_an_incident_is_opened() -> None:
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        defaults = {"pagerduty_url": f"{receiver.url}/v2/enqueue"}
        assert send(sender_of("pagerduty", {"routing_key": "k" * 32}, defaults)).status == 202
    (taken,) = receiver.requests
    assert taken.path == "/v2/enqueue"
    assert taken.json == {
        "routing_key": "k" * 32,
        "event_action": "trigger",
        "dedup_key": KEY_HASH,
        "client": "Alertmanager",
        "client_url": ALERTS_URL,
        "payload": {
            "summary": SUBJECT,
            "source": "Alertmanager",
            "severity": "error",
            "custom_details": DETAILS,
        },
    }


def test_every_field_and_the_end() -> None:
    config = {
        "routing_key": "k",
        "client": "c",
        "client_url": "http://c",
        "description": "d" * 2_000,
        "severity": "{{ .CommonLabels.severity }}",
        "class": "cl",
        "component": "co",
        "group": "{{ .GroupLabels.alertname }}",
        "source": "s",
        "details": {"own": "{{ .Status }}", "num_firing": "none", "nested": {"a": ["{{ 1 }}"]}},
        "images": [{"src": "http://i", "alt": "a", "href": "http://h"}, {"alt": "no source"}],
        "links": [{"href": "http://l", "text": "{{ .Status }}"}, {"text": "nowhere"}],
    }
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        send(sender_of("pagerduty", {**config, "url": receiver.url}), notification(ENDED))
    body = receiver.requests[0].json
    details = body["payload"].pop("custom_details")
    assert {name: details[name] for name in ("own", "num_firing", "nested", "num_resolved")} == {
        "own": "resolved",
        "num_firing": "none",
        "nested": {"a": [1]},
        "num_resolved": 1,
    }
    assert body == {
        "routing_key": "k",
        "event_action": "resolve",
        "dedup_key": KEY_HASH,
        "client": "c",
        "client_url": "http://c",
        "payload": {
            "summary": "d" * 1_023 + "…",
            "source": "s",
            "severity": "critical",
            "class": "cl",
            "component": "co",
            "group": "Slow",
        },
        "images": [{"src": "http://i", "alt": "a", "href": "http://h"}],
        "links": [{"href": "http://l", "text": "resolved"}],
    }


def test_a_service_key_means_version_1(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush-key\n")
    config = {"service_key_file": "key"}
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        to = sender_of("pagerduty", {**config, "url": receiver.url}, folder=tmp_path)
        send(to)
        send(to, notification(ENDED))
    opened, closed = receiver.requests
    assert opened.path == "/generic/2010-04-15/create_event.json"
    assert opened.json == {
        "service_key": "hush-key",
        "incident_key": KEY_HASH,
        "event_type": "trigger",
        "description": SUBJECT,
        "details": DETAILS,
        "client": "Alertmanager",
        "client_url": ALERTS_URL,
    }
    assert closed.json["event_type"] == "resolve"
    assert closed.json["description"] == ENDED_SUBJECT
    assert "client" not in closed.json


def test_an_event_that_is_too_large_loses_its_details() -> None:
    large = notification(replace(FIRING, annotations={"summary": "x" * 600_000}))
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        send(sender_of("pagerduty", {"routing_key": "k", "url": receiver.url}), large)
    (taken,) = receiver.requests
    assert taken.json["payload"]["custom_details"] == {
        "error": "the details are left out: the event would exceed 512000 bytes"
    }
    assert taken.json["payload"]["summary"] == "[FIRING:1] Slow (web critical)"


@pytest.mark.parametrize(
    ("key", "status", "retryable"),
    [
        ("routing_key", 429, True),
        ("routing_key", 500, True),
        ("routing_key", 403, False),
        ("service_key", 403, True),
        ("service_key", 404, False),
    ],
)
def test_which_answers_are_worth_another_attempt(key: str, status: int, retryable: bool) -> None:
    with http_receiver(in_turn(Reply(status))) as receiver:
        error = failure(sender_of("pagerduty", {key: "k", "url": receiver.url}))
    assert (error.status, error.retryable) == (status, retryable)


def test_what_pagerduty_says_is_wrong_is_said_without_the_key() -> None:
    wrong = {"message": "Event object is invalid", "errors": ["'hush-key' is wrong", "and more"]}
    with http_receiver(in_turn(Reply.json(wrong, 400))) as receiver:
        error = failure(sender_of("pagerduty", {"routing_key": "hush-key", "url": receiver.url}))
    assert error.text == (
        "unexpected status code 400: Event object is invalid: '<secret>' is wrong,and more"
    )


def test_templates_that_fail_leave_an_incident_that_says_so() -> None:
    broken = {
        "description": "{{ .None }}",
        "severity": "{{ .None }}",
        "details": {"a": "{{ .No }}"},
    }
    with http_receiver(in_turn(ACCEPTED)) as receiver:
        config = {"routing_key": "k", "url": receiver.url, **broken}
        assert len(send(sender_of("pagerduty", config)).template_errors) == 3
    payload = json.loads(receiver.requests[0].body)["payload"]
    assert payload["severity"] == "error"
    assert payload["summary"].startswith('[FIRING:1] {alertname="Slow"} (template: ')


def test_a_key_that_becomes_empty_is_a_failure_for_good() -> None:
    config = {"routing_key": "{{ .CommonLabels.none }}", "url": "http://127.0.0.1:1"}
    error = failure(sender_of("pagerduty", config))
    assert (error.text, error.retryable) == ("routing_key: is empty", False)
