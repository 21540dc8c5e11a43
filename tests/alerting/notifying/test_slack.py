"""Slack's webhooks and bots, over real HTTP."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.http_receiver import Reply, Taken, http_receiver, in_turn
from support.notifying import (
    ALERTS_URL,
    ENDED,
    ENDED_SUBJECT,
    SUBJECT,
    failure,
    notification,
    send,
    sender_of,
)

from alerting.notifying.http_credentials import Http
from alerting.notifying.notifiers import Sender
from alerting.notifying.slack import Slack

OK = Reply(200, "ok", {"Content-Type": "text/plain"})
DEFAULT_ATTACHMENT = {
    "title": SUBJECT,
    "title_link": ALERTS_URL,
    "text": "",
    "fallback": f"{SUBJECT} | {ALERTS_URL}",
    "callback_id": "",
    "footer": "",
    "color": "danger",
    "mrkdwn_in": ["fallback", "pretext", "text"],
}


def test_the_default_message() -> None:
    with http_receiver(in_turn(OK)) as receiver:
        defaults = {"slack_api_url": f"{receiver.url}/services/T1/B1/token"}
        assert send(sender_of("slack", {"channel": "#ops"}, defaults)).remembered == {}
    (taken,) = receiver.requests
    assert taken.path == "/services/T1/B1/token"
    assert taken.json == {
        "channel": "#ops",
        "username": "Alertmanager",
        "attachments": [DEFAULT_ATTACHMENT],
    }


def test_the_end_is_green() -> None:
    with http_receiver(in_turn(OK)) as receiver:
        send(sender_of("slack", {"api_url": receiver.url}), notification(ENDED))
    (attachment,) = receiver.requests[0].json["attachments"]
    assert (attachment["title"], attachment["color"]) == (ENDED_SUBJECT, "good")


FULL = {
    "channel": "#{{ .CommonLabels.severity }}",
    "username": "u {{ .Status }}",
    "icon_emoji": ":x:",
    "icon_url": "http://i",
    "link_names": True,
    "message_text": "m {{ .Status }}",
    "color": "c{{ .Status }}",
    "title": "x" * 2_000,
    "title_link": "http://l",
    "pretext": "pre",
    "text": "{{ .CommonAnnotations.summary }}",
    "fallback": "f",
    "callback_id": "cb",
    "footer": "foot",
    "image_url": "http://im",
    "thumb_url": "http://th",
    "mrkdwn_in": ["text"],
    "short_fields": True,
    "fields": [
        {"title": "a", "value": "{{ .Status }}"},
        {"title": "b", "value": "c", "short": False},
    ],
    "actions": [
        {"type": "button", "text": "Go", "url": "http://go/{{ .Status }}", "style": "danger"},
        {
            "type": "button",
            "text": "Act",
            "name": "n",
            "value": "v",
            "confirm": {"text": "Sure?", "ok_text": "Yes"},
        },
    ],
}
FULL_MESSAGE = {
    "channel": "#critical",
    "username": "u firing",
    "icon_emoji": ":x:",
    "icon_url": "http://i",
    "link_names": True,
    "text": "m firing",
    "attachments": [
        {
            "color": "cfiring",
            "title": "x" * 1_023 + "…",
            "title_link": "http://l",
            "pretext": "pre",
            "text": "slow <page>",
            "fallback": "f",
            "callback_id": "cb",
            "footer": "foot",
            "image_url": "http://im",
            "thumb_url": "http://th",
            "mrkdwn_in": ["text"],
            "fields": [
                {"title": "a", "value": "firing", "short": True},
                {"title": "b", "value": "c", "short": False},
            ],
            "actions": [
                {
                    "type": "button",
                    "text": "Go",
                    "url": "http://go/firing",
                    "style": "danger",
                },
                {
                    "type": "button",
                    "text": "Act",
                    "name": "n",
                    "value": "v",
                    "confirm": {"text": "Sure?", "ok_text": "Yes"},
                },
            ],
        }
    ],
}


def test_every_field() -> None:
    with http_receiver(in_turn(OK)) as receiver:
        send(sender_of("slack", {**FULL, "api_url": receiver.url}))
    assert receiver.requests[0].json == FULL_MESSAGE


@pytest.mark.parametrize(
    ("reply", "retryable", "text"),
    [
        (Reply(200, "no_text", {"Content-Type": "text/html"}), False, "Slack answered: no_text"),
        (Reply.json({"ok": False, "error": "not_in_channel"}), False,
         "Slack answered: not_in_channel"),
        (Reply(200, "{", {"Content-Type": "application/json"}), True,
         "Slack's answer cannot be read: {"),
        (Reply(404, "channel_not_found"), False, "channel_not_found"),
        (Reply(500, "rollup_error"), True, "rollup_error"),
        (Reply(429, "slow down"), True, "slow down"),
    ],
    ids=["text", "json", "broken", "404", "500", "429"],
)  # fmt: skip
def test_refusals_name_the_channel(reply: Reply, retryable: bool, text: str) -> None:
    with http_receiver(in_turn(reply)) as receiver:
        error = failure(sender_of("slack", {"channel": "#ops", "api_url": receiver.url}))
    assert (error.status, error.retryable) == (reply.status, retryable)
    assert error.text.endswith(text)
    assert "channel '#ops': " in error.text


def test_the_address_is_a_secret(tmp_path: Path) -> None:
    def echo(taken: Taken) -> Reply:
        return Reply(400, f"{receiver.url}{taken.path} and {taken.path.split('/')[-1]}")

    with http_receiver(echo) as receiver:
        (tmp_path / "url").write_text(f"{receiver.url}/services/hushhush\n")
        error = failure(sender_of("slack", {"api_url_file": "url"}, folder=tmp_path))
    assert "hushhush" not in error.text
    assert "<secret> and <secret>" in error.text
    unreachable = failure(sender_of("slack", {"api_url_file": "url"}, folder=tmp_path))
    assert unreachable.retryable
    assert unreachable.text.startswith(f"POST {receiver.url}/<secret>: ")
    assert "hushhush" not in unreachable.text


def test_a_bot_shows_its_token() -> None:
    with http_receiver(in_turn(Reply.json({"ok": True, "ts": "1.2", "channel": "C1"}))) as receiver:
        config = {"app_token": "xoxb-hush", "app_url": f"{receiver.url}/api/chat.postMessage"}
        assert send(sender_of("slack", config)).remembered == {}
    assert receiver.requests[0].headers["authorization"] == "Bearer xoxb-hush"


def _bot(url: str, **changed: Any) -> Sender:
    """Past the check that only Slack's own address takes updates."""
    made = sender_of("slack", {"channel": "#ops", "api_url": f"{url}/api/chat.postMessage"})
    slack = made.notifier
    assert isinstance(slack, Slack)
    http = Http(slack.http.config, slack.http.clock)
    return replace(made, notifier=Slack(replace(slack.config, **changed), slack.engine, http))


@pytest.mark.parametrize(
    ("changed", "later"),
    [
        ({"update_message": True}, [("/api/chat.update", "ts")]),
        ({"post_updates_to_thread": True}, [("/api/chat.postMessage", "thread_ts")]),
        (
            {"update_message": True, "post_updates_to_thread": True},
            [
                # The first message as it was, which the update overwrites.
                ("/api/chat.postMessage", "thread_ts"),
                ("/api/chat.update", "ts"),
                ("/api/chat.postMessage", "thread_ts"),
            ],
        ),
    ],
    ids=["update", "thread", "both"],
)
def test_later_notifications_belong_to_the_first(
    changed: dict[str, Any], later: list[tuple[str, str]]
) -> None:
    reply = Reply.json({"ok": True, "ts": "1.2", "channel": "C1"})
    with http_receiver(in_turn(reply)) as receiver:
        bot = _bot(receiver.url, **changed)
        remembered = send(bot).remembered
        assert remembered == {"ts": "1.2", "channel": "C1"}
        ended = notification(ENDED, remembered=remembered, reason="all alerts resolved")
        assert send(bot, ended).remembered == remembered
    first, *rest = receiver.requests
    assert (first.path, first.json["channel"]) == ("/api/chat.postMessage", "#ops")
    assert [(taken.path, field) for taken in rest for field in ("ts", "thread_ts")
            if taken.json.get(field) == "1.2"] == later  # fmt: skip
    assert {taken.json["channel"] for taken in rest} == {"C1"}


@pytest.mark.parametrize(
    ("reason", "refusal", "paths"),
    [
        ("first notification", Reply.json({"ok": True}), ["chat.postMessage"]),
        (
            "new alerts in group",
            Reply.json({"ok": False, "error": "message_not_found"}),
            ["chat.update", "chat.postMessage"],
        ),
    ],
    ids=["begins again", "deleted"],
)
def test_where_there_is_nothing_to_change_a_message_is_posted(
    reason: str, refusal: Reply, paths: list[str]
) -> None:
    posted = Reply.json({"ok": True, "ts": "3.4", "channel": "C1"})
    with http_receiver(lambda t: refusal if t.path.endswith("update") else posted) as receiver:
        earlier = {"ts": "1.2", "channel": "C1"}
        sent = send(
            _bot(receiver.url, update_message=True),
            notification(remembered=earlier, reason=reason),
        )
    assert [taken.path.removeprefix("/api/") for taken in receiver.requests] == paths
    assert sent.remembered == {"ts": "3.4", "channel": "C1"}
    assert receiver.requests[-1].json["channel"] == "#ops"
    assert "ts" not in receiver.requests[-1].json


def test_a_change_that_may_succeed_later_is_tried_again() -> None:
    with http_receiver(in_turn(Reply(503))) as receiver:
        what = notification(remembered={"ts": "1.2", "channel": "C1"}, reason="new alerts in group")
        assert failure(_bot(receiver.url, update_message=True), what).retryable
    assert receiver.paths() == ["POST /api/chat.update"]


def test_a_broken_title_is_said_in_the_message_and_a_broken_channel_is_left_out() -> None:
    with http_receiver(in_turn(OK)) as receiver:
        config = {
            "api_url": receiver.url,
            "channel": "{{ .None }}",
            "title": '{{ template "none" . }}',
        }
        sent = send(sender_of("slack", config))
    assert len(sent.template_errors) == 2
    body = receiver.requests[0].json
    assert "channel" not in body
    assert body["attachments"][0]["title"].startswith('[FIRING:1] {alertname="Slow"} (template: ')
