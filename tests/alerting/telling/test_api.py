"""Receivers and test notifications over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.alerting_api import RULES, Whole, alerting_api
from support.http_receiver import HttpReceiver, Reply, http_receiver


@contextmanager
def told(folder: Path) -> Iterator[tuple[Whole, HttpReceiver]]:
    with http_receiver() as hook:
        routing = f"""
route: {{receiver: ops/team, group_by: [alertname], group_wait: 5s, group_interval: 10s}}
receivers:
  - name: ops/team
    webhook_configs:
      - {{url: "{hook.url}/secret"}}
      - {{url: "{hook.url}/two", send_resolved: false}}
  - name: nobody
"""
        with alerting_api(folder, RULES, routing) as whole:
            yield whole, hook


def test_receivers_are_listed_with_their_last_delivery(tmp_path: Path) -> None:
    with told(tmp_path) as (whole, hook):
        assert whole.get("/api/v1/receivers") == {
            "receivers": [
                {"receiver": "nobody", "integrations": []},
                {
                    "receiver": "ops/team",
                    "integrations": [
                        {
                            "integration": f"ops/team/webhook/{index}",
                            "kind": "webhook",
                            "send_resolved": index == 0,
                            "last_delivery": None,
                        }
                        for index in (0, 1)
                    ],
                },
            ]
        }
        hook.answering = lambda taken: Reply(400 if taken.path == "/two" else 200)
        whole.slow("shop")
        whole.step(6)
        page = whole.get("/api/v1/receivers", {"limit": 1})
        (team,) = whole.get("/api/v1/receivers", {"cursor": page["next_cursor"]})["receivers"]
        first, second = (one["last_delivery"] for one in team["integrations"])
        assert (first["status"], first["attempts"], first["error"]) == ("sent", 1, None)
        assert first["time"] == whole.at(16)
        assert first["reason"] == "first notification"
        assert (second["status"], second["http_status"]) == ("failed", 400)
        assert "400" in second["error"]
        assert "secret" not in str(team)


def test_a_test_notification_is_sent_once_to_each(tmp_path: Path) -> None:
    with told(tmp_path) as (whole, hook):
        hook.answering = lambda taken: Reply(503 if taken.path == "/two" else 200)
        tried = whole.ask("POST", "/api/v1/receivers/ops/team/test", json={"labels": {"team": "x"}})
        assert sorted(hook.paths()) == ["POST /secret", "POST /two"]
        assert hook.requests[0].json["alerts"][0]["labels"]["team"] == "x"
        assert not tried["delivered"]
        assert [one["status"] for one in tried["integrations"]] == ["sent", "failed"]
        assert tried["integrations"][1]["http_status"] == 503
        hook.answering = lambda taken: Reply()
        assert whole.ask("POST", "/api/v1/receivers/ops/team/test")["delivered"]


def test_a_receiver_that_tells_nobody_says_so(tmp_path: Path) -> None:
    with told(tmp_path) as (whole, _):
        assert whole.ask("POST", "/api/v1/receivers/nobody/test") == {
            "receiver": "nobody",
            "delivered": False,
            "integrations": [],
        }
        problem = whole.ask("POST", "/api/v1/receivers/x/test", 404)
        assert problem["detail"] == "there is no receiver 'x'; there are nobody, ops/team"


@pytest.mark.parametrize("params", [{"status": "lost"}, {"team": "x"}, {"end": "soon"}])
def test_wrong_questions_are_refused(tmp_path: Path, params: dict[str, str]) -> None:
    with told(tmp_path) as (whole, _):
        whole.get("/api/v1/notifications", params, 400)
