"""Both kinds of Microsoft Teams' webhooks, over real HTTP."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.http_receiver import Reply, http_receiver, in_turn
from support.notifying import ENDED, ENDED_SUBJECT, SUBJECT, failure, notification, send, sender_of

TEXT = """# Alerts Firing:

Labels:
  - alertname = Slow
  - job = web
  - severity = critical

Annotations:
  - summary = slow <page>

Source: http://here/graph?q=1

# Alerts Resolved:

Labels:
  - alertname = Slow
  - job = db
  - severity = critical

Annotations:
  - summary = slow <page>

Source: http://here/graph?q=1
"""


def test_connectors_get_a_message_card(tmp_path: Path) -> None:
    with http_receiver(in_turn(Reply(200, "1"))) as receiver:
        (tmp_path / "url").write_text(f"{receiver.url}/webhookb2/x")
        to = sender_of("msteams", {"webhook_url_file": "url"}, folder=tmp_path)
        send(to)
        send(to, notification(ENDED))
    first, second = receiver.requests
    assert first.path == "/webhookb2/x"
    assert first.json == {
        "@context": "http://schema.org/extensions",
        "@type": "MessageCard",
        "type": "MessageCard",
        "title": SUBJECT,
        "summary": SUBJECT,
        "text": TEXT,
        "themeColor": "8C1A1A",
    }
    assert (second.json["title"], second.json["themeColor"]) == (ENDED_SUBJECT, "2DC72D")


def test_workflows_get_an_adaptive_card() -> None:
    with http_receiver(in_turn(Reply(202))) as receiver:
        send(sender_of("msteamsv2", {"webhook_url": receiver.url}))
        send(sender_of("msteamsv2", {"webhook_url": receiver.url}), notification(ENDED))
    first, second = (taken.json for taken in receiver.requests)
    assert first == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": [
                        {
                            "type": "TextBlock",
                            "text": SUBJECT,
                            "weight": "Bolder",
                            "size": "Medium",
                            "wrap": True,
                            "style": "heading",
                            "color": "Attention",
                        },
                        {"type": "TextBlock", "text": TEXT, "wrap": True},
                    ],
                    "msteams": {"width": "full"},
                },
            }
        ],
    }
    assert second["attachments"][0]["content"]["body"][0]["color"] == "Good"


@pytest.mark.parametrize("kind", ["msteams", "msteamsv2"])
def test_texts_are_cut_so_that_teams_takes_them(kind: str) -> None:
    config = {"title": "t" * 5_000, "text": "{{ .CommonAnnotations.summary }}"}
    long = notification(replace(ENDED, annotations={"summary": "ö" * 50_000}))
    with http_receiver(in_turn(Reply(200, "1"))) as receiver:
        send(sender_of(kind, {**config, "webhook_url": receiver.url}), long)
    body = receiver.requests[0].body
    assert len(body) < 28_000
    assert "ö…" in json.dumps(json.loads(body), ensure_ascii=False)


def test_a_connector_that_could_not_reach_teams_is_tried_again() -> None:
    said = "Delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
    with http_receiver(in_turn(Reply(200, said))) as receiver:
        error = failure(sender_of("msteams", {"webhook_url": receiver.url}))
    assert (error.retryable, error.text) == (True, said)


@pytest.mark.parametrize(("status", "retryable"), [(429, True), (500, True), (413, False)])
def test_which_answers_are_worth_another_attempt(status: int, retryable: bool) -> None:
    with http_receiver(in_turn(Reply(status))) as receiver:
        error = failure(sender_of("msteamsv2", {"webhook_url": receiver.url}))
    assert (error.status, error.retryable) == (status, retryable)
