"""Jira's issues, over real HTTP against a small Jira."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from support.http_receiver import HttpReceiver, Reply, Taken, http_receiver, in_turn
from support.notifying import ENDED, KEY_HASH, SUBJECT, failure, notification, send, sender_of

from alerting.notifying.notifiers import Sender

LABEL = f"ALERT{{{KEY_HASH}}}"
CONFIG = {"project": "OPS", "issue_type": "Bug"}
TRANSITIONS = [{"id": "11", "name": "Done"}, {"id": "21", "name": "Again"}]


def _jira(category: str | None) -> Callable[[Taken], Reply]:
    """With an issue in a category of states, or none."""
    issue = {"key": "OPS-1", "fields": {"status": {"statusCategory": {"key": category}}}}

    def answer(taken: Taken) -> Reply:
        if "/search" in taken.path:
            return Reply.json({"issues": [issue] if category else []})
        if taken.method == "GET":
            return Reply.json({"transitions": TRANSITIONS})
        return Reply.json({"key": "OPS-1"}, 201) if taken.method == "POST" else Reply(204)

    return answer


def _to(receiver: HttpReceiver, version: str = "2", **config: Any) -> Sender:
    return sender_of("jira", {**CONFIG, "api_url": f"{receiver.url}/rest/api/{version}", **config})


def _jql(receiver: HttpReceiver) -> str:
    body = receiver.requests[0].json
    assert (body["maxResults"], body["fields"]) == (2, ["status"])
    return str(body["jql"])


def test_an_issue_is_opened() -> None:
    with http_receiver(_jira(None)) as receiver:
        config = {
            "labels": ["alert", "{{ .GroupLabels.alertname }}"],
            "fields": {"customfield_1": {"value": "{{ .Status }}"}, "customfield_2": 3},
        }
        assert send(_to(receiver, **config)).status == 201
    assert receiver.paths() == ["POST /rest/api/2/search", "POST /rest/api/2/issue"]
    assert _jql(receiver) == (
        f'statusCategory != Done and project="OPS" and labels="{LABEL}" '
        "order by status ASC,resolutiondate DESC"
    )
    fields = receiver.requests[1].json["fields"]
    assert fields.pop("description").startswith("# Alerts Firing:\n")
    assert fields == {
        "project": {"key": "OPS"},
        "issuetype": {"name": "Bug"},
        "summary": SUBJECT,
        "priority": {"name": "High"},
        "labels": [LABEL, "Slow", "alert"],
        "customfield_1": {"value": "firing"},
        "customfield_2": 3,
    }


def test_an_issue_is_brought_up_to_date() -> None:
    with http_receiver(_jira("indeterminate")) as receiver:
        send(_to(receiver, resolve_transition="Done", reopen_transition="Again"))
    assert receiver.paths() == ["POST /rest/api/2/search", "PUT /rest/api/2/issue/OPS-1"]
    assert receiver.requests[1].json["fields"]["labels"] == [LABEL]


def test_what_is_not_to_be_changed_stays() -> None:
    config = {
        "summary": {"template": "s", "enable_update": False},
        "description": {"template": "d", "enable_update": False},
        "labels": {"values": ["x"], "update_mode": "merge"},
        "priority": "",
    }
    with http_receiver(_jira("new")) as receiver:
        send(_to(receiver, **config))
    assert receiver.requests[1].json == {
        "fields": {"project": {"key": "OPS"}, "issuetype": {"name": "Bug"}},
        "update": {"labels": [{"add": LABEL}, {"add": "x"}]},
    }


@pytest.mark.parametrize(
    ("category", "alerts", "transition"),
    [("new", (ENDED,), "11"), ("done", (), "21")],
    ids=["closed", "reopened"],
)
def test_issues_move_through_their_workflow(
    category: str, alerts: tuple[Any, ...], transition: str
) -> None:
    with http_receiver(_jira(category)) as receiver:
        to = _to(
            receiver, resolve_transition="Done", reopen_transition="Again", reopen_duration="1h"
        )
        send(to, notification(*alerts))
    assert receiver.paths()[2:] == [
        "GET /rest/api/2/issue/OPS-1/transitions",
        "POST /rest/api/2/issue/OPS-1/transitions",
    ]
    assert receiver.requests[-1].json == {"transition": {"id": transition}}
    lately = "(resolutiondate is EMPTY OR resolutiondate >= -60m)"
    assert _jql(receiver).startswith("statusCategory != Done" if alerts else lately)


def test_without_an_issue_there_is_nothing_to_close() -> None:
    with http_receiver(_jira(None)) as receiver:
        assert send(_to(receiver), notification(ENDED)).text == "there is no open issue to close"
    assert receiver.paths() == ["POST /rest/api/2/search"]


def test_what_nobody_will_fix_is_left_alone() -> None:
    with http_receiver(_jira(None)) as receiver:
        send(_to(receiver, wont_fix_resolution='Won\'t "fix"'))
    assert _jql(receiver).startswith('resolution != "Won\'t \\"fix\\"" and statusCategory')


def test_the_cloud_has_another_search_and_takes_documents() -> None:
    with http_receiver(_jira(None)) as receiver:
        send(_to(receiver, "3", api_type="cloud", description="one\n\ntwo"))
    assert receiver.paths() == ["POST /rest/api/3/search/jql", "POST /rest/api/3/issue"]
    assert receiver.requests[1].json["fields"]["description"] == {
        "version": 1,
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": line}]}
            for line in ("one", "two")
        ],
    }


def test_a_template_may_write_the_document_itself() -> None:
    with http_receiver(_jira(None)) as receiver:
        own = '{"type": "doc", "version": 1, "content": []}'
        send(_to(receiver, "3", api_type="datacenter", description=own))
    assert receiver.paths()[0] == "POST /rest/api/3/search"
    description = receiver.requests[1].json["fields"]["description"]
    assert description == {"type": "doc", "version": 1, "content": []}


def test_texts_are_cut_to_what_jira_takes() -> None:
    with http_receiver(_jira(None)) as receiver:
        send(_to(receiver, summary="s " * 300, description="d" * 40_000))
    fields = receiver.requests[1].json["fields"]
    assert (len(fields["summary"]), len(fields["description"])) == (255, 32_767)
    assert re.fullmatch(r"(s )+…", fields["summary"])


def test_a_transition_that_is_not_there_is_named() -> None:
    with http_receiver(_jira("new")) as receiver:
        error = failure(_to(receiver, resolve_transition="Gone"), notification(ENDED))
    assert (error.text, error.retryable) == ("issue OPS-1 has no transition 'Gone'", False)


@pytest.mark.parametrize(("status", "retryable"), [(429, True), (503, True), (401, False)])
def test_which_answers_are_worth_another_attempt(status: int, retryable: bool) -> None:
    with http_receiver(in_turn(Reply(status, "no"))) as receiver:
        error = failure(_to(receiver))
    assert (error.status, error.retryable) == (status, retryable)
    assert error.text == f"POST /rest/api/2/search: unexpected status code {status}: no"
