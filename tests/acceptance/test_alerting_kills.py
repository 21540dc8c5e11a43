"""SIGKILL at the instants that matter: nothing is lost, nothing told or written twice."""

import itertools
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.alerting_server import DOWN, AlertingServer, Hook, alerting_server, hooked, wait_for

ROUTING = """
route: {{receiver: hook, group_by: [alertname], group_wait: 4s, group_interval: 1s}}
receivers:
  - name: hook
    webhook_configs: [{{url: "{url}/hook"}}]
"""
HELD = """
  - name: held
    interval: 1s
    rules: [{alert: Held, expr: up == 0, for: 4s}]
"""
MADE_RULE = {"name": "made", "interval": "1s", "rules": [{"alert": "Silenced", "expr": "up == 0"}]}
MADE_SLO = {
    "name": "checkout",
    "service": "shop",
    "objective": 99.9,
    "window": "30d",
    "spans": {},
    "good": "status != error",
}
FIRED = ("inactive", "firing")
ENDED = ("firing", "resolved")
# So long after a notification arrived may a kill cut its answer, or what is written of it.
CUT_S = 1.0


@contextmanager
def _watched(folder: Path, rules: str = DOWN) -> Iterator[tuple[AlertingServer, Hook]]:
    with (
        hooked() as hook,
        alerting_server(folder, rules, ROUTING.format(url=hook.url)) as server,
    ):
        yield server, hook


def _make(server: AlertingServer) -> None:
    """What the API keeps: a rule whose alerts are silenced, the silence, and an SLO."""
    matchers = ['alertname="Silenced"']
    silence = {"matchers": matchers, "duration": "1h", "comment": "noise", "created_by": "me"}
    for route, content in (("silences", silence), ("rules", MADE_RULE), ("slos", MADE_SLO)):
        answer = server.ask("POST", f"/api/v1/{route}", json.dumps(content))
        assert answer.status_code == 201, answer.text


def _kept(server: AlertingServer) -> None:
    assert [s["comment"] for s in server.process.get("/api/v1/silences")["silences"]] == ["noise"]
    assert server.rule("Silenced")["read_only"] is False
    assert [slo["name"] for slo in server.process.get("/api/v1/slos")["slos"]] == ["checkout"]


def _alert(server: AlertingServer, name: str) -> dict[str, object]:
    alerts = server.process.get("/api/v1/alerts")["alerts"]
    return next(one for one in alerts if one["labels"]["alertname"] == name)


def _quiet_for(hook: Hook, seconds: float) -> None:
    """Nobody is told of anything meanwhile."""
    before = len(hook.told)
    time.sleep(seconds)
    assert len(hook.told) == before


@pytest.mark.slow
def test_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with _watched(tmp_path, DOWN + HELD) as (server, hook):
        _make(server)
        server.gauge("up", 0)
        wait_for(lambda: server.rule("Held")["state"] == "pending", "it is pending")
        for name in ("Silenced", "Down"):
            wait_for(lambda n=name: server.rule(n)["state"] == "firing", "it fires")
        identity = _alert(server, "Down")["alert_id"]
        path = f"/api/v1/alerts/{identity}/acknowledge"
        server.ask("POST", path, '{"by": "ann"}').raise_for_status()

        # One fires and nobody was told yet, one is pending.
        assert hook.statuses("Down") == []
        server.process.kill()
        server.process.start()
        began_s = time.time()
        # A clock of less than ten minutes begins anew, as with Prometheus.
        assert hook.arrival("Held") - began_s > 4
        assert hook.statuses("Down") == ["firing"]
        _kept(server)
        assert _alert(server, "Down")["acknowledged"]

        # Both were told, and are over before anybody is told of that.
        server.gauge("up", 1)
        wait_for(lambda: server.rule("Down")["state"] == "inactive", "it is over")
        server.process.kill()
        server.process.start()
        hook.arrival("Down", "resolved")
        hook.arrival("Held", "resolved")
        wait_for(lambda: len(server.transitions("Silenced")) == 2, "it is written down")
        _quiet_for(hook, 2)
        assert [hook.statuses(name) for name in ("Down", "Held", "Silenced")] == [
            ["firing", "resolved"],
            ["firing", "resolved"],
            [],
        ]
        assert server.transitions("Down") == [FIRED, ENDED]
        assert server.transitions("Silenced") == [FIRED, ENDED]
        assert server.transitions("Held") == [
            ("inactive", "pending"),
            ("pending", "firing"),
            ENDED,
        ]


@pytest.mark.slow
def test_what_a_kill_cut_in_its_answer_is_told_once_more(tmp_path: Path) -> None:
    with _watched(tmp_path) as (server, hook):
        hook.held_s = 60
        server.gauge("up", 0)
        hook.arrival("Down")
        server.process.kill()
        hook.held_s = 0
        server.process.start()
        wait_for(lambda: len(hook.told) == 2, "it is told once more")
        _quiet_for(hook, 3)
        assert hook.statuses("Down") == ["firing", "firing"]
        wait_for(lambda: server.transitions("Down") == [FIRED], "it is written down")


@pytest.mark.slow
def test_kills_at_random_instants(tmp_path: Path) -> None:
    chance = random.Random(1)
    killed_s = list[float]()
    with _watched(tmp_path) as (server, hook):
        for round_number in range(10):
            server.gauge("up", round_number % 2)
            state = "inactive" if round_number % 2 else "firing"
            # Before it is evaluated, or a while after that.
            if chance.random() < 0.7:
                wait_for(lambda s=state: server.rule("Down")["state"] == s, f"it is {state}")
            time.sleep(chance.uniform(0, 3))
            killed_s.append(time.time())
            server.process.kill()
            server.process.start()
        server.gauge("up", 1)
        wait_for(lambda: server.rule("Down")["state"] == "inactive", "it is over")
        wait_for(lambda: hook.statuses("Down")[-1] == "resolved", "its end is told")
        _quiet_for(hook, 3)
        events = server.transitions("Down")
        assert [after for _, after in events] == ["firing", "resolved"] * (len(events) // 2)
        assert [before for before, _ in events] == ["inactive", *(one for _, one in events[:-1])]
        assert len(events) > 2
        for (first_s, first), (_, second) in itertools.pairwise(hook.of("Down")):
            cut = any(0 < at_s - first_s < CUT_S for at_s in killed_s)
            assert first != second or cut
