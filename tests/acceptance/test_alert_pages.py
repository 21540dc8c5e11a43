"""What the API tells of an alert's life, through a SIGKILL of the real process."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.alerting_server import DOWN, ROUTING, AlertingServer, alerting_server, hooked, wait_for


def get(server: AlertingServer, path: str, name: str) -> list[Any]:
    answer = server.ask("GET", path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()[name])


def states(server: AlertingServer) -> list[str]:
    return [one["state"] for one in get(server, "/api/v1/alerts?rule=Down", "alerts")]


@pytest.mark.slow
def test_an_alert_is_seen_silenced_and_remembered(tmp_path: Path) -> None:
    with hooked() as hook, alerting_server(tmp_path, DOWN, ROUTING.format(url=hook.url)) as server:
        server.gauge("up", 0)
        hook.arrival("Down")
        (alert,) = get(server, "/api/v1/alerts?state=firing", "alerts")
        path = f"/api/v1/alerts/{alert['alert_id']}/acknowledge"
        assert server.ask("POST", path, json.dumps({"by": "ann"})).status_code == 200
        draft = {
            "matchers": ["alertname=Down"],
            "created_by": "ann",
            "comment": "known",
            "duration": "1h",
        }
        silence = server.ask("POST", "/api/v1/silences", json.dumps(draft)).json()["id"]
        server.process.kill()
        server.process.start()
        (after,) = get(server, "/api/v1/alerts", "alerts")
        assert after["acknowledged"]["by"] == "ann"
        assert (after["fired_time"], after["silenced_by"]) == (alert["fired_time"], [silence])
        server.gauge("up", 1)
        wait_for(lambda: states(server) == ["resolved"], "the alert ends")

        def reasons() -> list[str]:
            rows = get(server, "/api/v1/alerts?history=true&rule=Down", "alerts")
            return [row["reason"] for row in rows]

        told = ["condition_ended", "acknowledged", "condition_met"]
        wait_for(lambda: reasons() == told, "each change is told once")
        (statistics,) = get(server, "/api/v1/alerts/statistics?rule=Down", "statistics")
        assert (statistics["fired"], statistics["acknowledged"]) == (1, 1)
        assert statistics["resolved_by_itself"] == statistics["still_firing"] == 0
        sent = get(server, "/api/v1/notifications?status=sent", "notifications")
        assert [one["alert_ids"] for one in sent] == [[alert["alert_id"]]]
        wait_for(
            lambda: get(server, "/api/v1/notifications?status=suppressed", "notifications"),
            "the silence keeps its end back",
        )
