"""Alerts handed to another Alertmanager, over real HTTP."""

from pathlib import Path

from support.http_receiver import Reply, http_receiver, in_turn
from support.notifying import failure, notification, send, sender_of

FIRES = {
    "labels": {"alertname": "Slow", "job": "web", "severity": "critical"},
    "annotations": {"summary": "slow <page>"},
    "startsAt": "2026-01-01T00:00:00Z",
    "endsAt": "2026-01-01T01:01:30Z",
    "generatorURL": "http://here/graph?q=1",
}
ENDS = {
    "labels": {"alertname": "Slow", "job": "db", "severity": "critical"},
    "annotations": {"summary": "slow <page>"},
    "startsAt": "2026-01-01T00:00:00Z",
    "endsAt": "2026-01-01T00:01:00Z",
    "generatorURL": "http://here/graph?q=1",
}


def test_alerts_hold_until_they_are_told_again(tmp_path: Path) -> None:
    with http_receiver() as receiver:
        (tmp_path / "url").write_text(f"{receiver.url}/prefix/\n")
        assert send(sender_of("alertmanager", {"url_file": "url"}, folder=tmp_path)).status == 200
    (taken,) = receiver.requests
    assert (taken.method, taken.path) == ("POST", "/prefix/api/v2/alerts")
    assert taken.headers["content-type"] == "application/json"
    assert taken.json == [FIRES, ENDS]


def test_where_nobody_knows_how_long_the_other_decides() -> None:
    with http_receiver() as receiver:
        send(sender_of("alertmanager", {"url": receiver.url}), notification(valid_until_ns=0))
    assert receiver.requests[0].json == [{k: v for k, v in FIRES.items() if k != "endsAt"}, ENDS]


def test_a_refusal() -> None:
    with http_receiver(in_turn(Reply(400, '"bad labels"'))) as receiver:
        error = failure(sender_of("alertmanager", {"url": receiver.url}))
    assert (error.status, error.retryable) == (400, False)
    assert error.text == 'unexpected status code 400: "bad labels"'
