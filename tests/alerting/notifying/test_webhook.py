"""Webhooks over real HTTP."""

from pathlib import Path

import pytest
from support.http_receiver import Reply, http_receiver
from support.notifying import ENDED, FIRING, GROUP_KEY, failure, notification, send, sender_of


def test_the_payload_is_version_4() -> None:
    with http_receiver() as receiver:
        assert send(sender_of("webhook", {"url": f"{receiver.url}/hook"})).status == 200
    (taken,) = receiver.requests
    assert (taken.method, taken.path) == ("POST", "/hook")
    assert taken.headers["content-type"] == "application/json"
    assert taken.headers["user-agent"].startswith("Goldeneye/")
    assert taken.json == {
        "version": "4",
        "groupKey": GROUP_KEY,
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "team",
        "groupLabels": {"alertname": "Slow"},
        "commonLabels": {"alertname": "Slow", "severity": "critical"},
        "commonAnnotations": {"summary": "slow <page>"},
        "externalURL": "http://goldeneye.example",
        "notification_reason": "first notification",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "Slow", "job": "web", "severity": "critical"},
                "annotations": {"summary": "slow <page>"},
                "startsAt": "2026-01-01T00:00:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://here/graph?q=1",
                "fingerprint": FIRING.fingerprint,
            },
            {
                "status": "resolved",
                "labels": {"alertname": "Slow", "job": "db", "severity": "critical"},
                "annotations": {"summary": "slow <page>"},
                "startsAt": "2026-01-01T00:00:00Z",
                "endsAt": "2026-01-01T00:01:00Z",
                "generatorURL": "http://here/graph?q=1",
                "fingerprint": ENDED.fingerprint,
            },
        ],
    }


def test_the_number_of_alerts_can_be_bounded() -> None:
    with http_receiver() as receiver:
        send(sender_of("webhook", {"url": receiver.url, "max_alerts": 1}))
    (taken,) = receiver.requests
    assert (len(taken.json["alerts"]), taken.json["truncatedAlerts"]) == (1, 1)


def test_the_address_may_be_a_template_and_the_payload_ones_own() -> None:
    own = {
        "text": "{{ .CommonAnnotations.summary }}",
        "count": "{{ len .Alerts }}",
        "{{ .Status }}": ["{{ .GroupLabels | toJson }}", 3, None, "1"],
    }
    with http_receiver() as receiver:
        url = f"{receiver.url}/{{{{ .CommonLabels.severity }}}}"
        send(sender_of("webhook", {"url": url, "payload": own}))
    (taken,) = receiver.requests
    assert taken.path == "/critical"
    assert taken.json == {
        "text": "slow <page>",
        "count": 2,
        "firing": [{"alertname": "Slow"}, 3, None, "1"],
    }


def test_what_a_label_says_is_no_template() -> None:
    sly = FIRING.labels | {"job": '["{{ .Status }}"]'}
    alert = notification(FIRING.__class__(sly, starts_at_ns=FIRING.starts_at_ns))
    with http_receiver() as receiver:
        to = sender_of(
            "webhook", {"url": receiver.url, "payload": {"j": "{{ .CommonLabels.job }}"}}
        )
        send(to, alert)
    assert receiver.requests[0].json == {"j": ["{{ .Status }}"]}


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(500, True), (503, True), (429, True), (400, False), (404, False), (302, False)],
)
def test_which_answers_are_worth_another_attempt(status: int, retryable: bool) -> None:
    with http_receiver(lambda _: Reply(status, "no <b>\nway")) as receiver:
        error = failure(sender_of("webhook", {"url": receiver.url}))
    assert (error.status, error.retryable) == (status, retryable)
    assert error.text == f"unexpected status code {status}: no <b> way"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("", 0.0), ("soon", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0)],
)
def test_how_long_a_receiver_asks_to_be_left_alone(said: str, seconds: float) -> None:
    with http_receiver(lambda _: Reply(429, "", {"Retry-After": said})) as receiver:
        assert failure(sender_of("webhook", {"url": receiver.url})).retry_after_s == seconds


def test_the_address_is_read_from_its_file_at_each_notification(tmp_path: Path) -> None:
    to = sender_of("webhook", {"url_file": "url"}, folder=tmp_path)
    error = failure(to)
    assert not error.retryable
    assert error.text == f"{tmp_path}/url: cannot be read: No such file or directory"
    with http_receiver() as receiver:
        for name in ("one", "two"):
            (tmp_path / "url").write_text(f"{receiver.url}/{name}\n")
            send(to)
    assert receiver.paths() == ["POST /one", "POST /two"]


def test_a_broken_template_of_the_payload_is_said_in_it() -> None:
    with http_receiver() as receiver:
        to = sender_of(
            "webhook", {"url": receiver.url, "payload": {"text": "{{ .None }}", "ok": "yes"}}
        )
        sent = send(to)
    (error,) = sent.template_errors
    (taken,) = receiver.requests
    assert taken.json == {"text": f'[FIRING:1] {{alertname="Slow"}} ({error})', "ok": "yes"}


def test_an_address_that_cannot_be_made_is_a_failure_for_good() -> None:
    error = failure(sender_of("webhook", {"url": "http://127.0.0.1:1/{{ .None }}"}))
    assert not error.retryable
    assert error.text.startswith("url: template: ")
