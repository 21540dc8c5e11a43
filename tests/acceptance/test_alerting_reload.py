"""Files that change while the server runs: all of them or nothing."""

import signal
from pathlib import Path

from support.alerting_server import (
    DOWN,
    ROUTING,
    AlertingServer,
    alerting_server,
    hooked,
    wait_for,
)

SLOS = """
slos:
  - {name: checkout, service: shop, objective: 99.9, window: 30d, spans: {}, good: status != error}
"""
BROKEN_RULE = DOWN.replace("expr: up == 0", "expr: up = 0")
RULE_FAULT = "rules.yml:7: groups[0].rules[0].expr: "
BROKEN_SLO = SLOS.replace("99.9", "999")
SLO_FAULT = "slos.yml:3: slos[0].objective: "
ROUTING_FAULT = "alertmanager.yml:2: route.receiver: "


def _refused(server: AlertingServer, fault: str) -> None:
    """By the API and by the signal; what is in force goes on."""
    answer = server.ask("POST", "/-/reload")
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:goldeneye:problem:invalid-configuration"
    assert fault in answer.json()["detail"]
    before = server.metric("goldeneye_reload_failures_total", what="alerting")
    server.process.process.send_signal(signal.SIGHUP)
    wait_for(
        lambda: server.metric("goldeneye_reload_failures_total", what="alerting") > before,
        "the signal is heard",
    )
    status = server.process.get("/api/v1/status")["alerting"]
    assert fault in status["last_reload_error"]
    assert (status["rules"], status["slos"], status["receivers"]) == (3, 1, ["hook"])
    assert server.rule("Down")["expr"] == "up == 0"


def test_a_broken_file_changes_nothing_and_is_named_with_line_and_field(tmp_path: Path) -> None:
    with hooked() as hook:
        routing = ROUTING.format(url=hook.url)
        with alerting_server(tmp_path, DOWN, routing, SLOS) as server:
            for file, text, fault in (
                (server.rules_file, BROKEN_RULE, RULE_FAULT),
                (server.slo_file, BROKEN_SLO, SLO_FAULT),
                (server.routing_file, routing.replace("hook,", "nobody,"), ROUTING_FAULT),
            ):
                good = file.read_text()
                # A good change beside the fault is not taken either.
                server.rules_file.write_text(DOWN.replace("Down", "Gone"))
                file.write_text(text)
                _refused(server, fault)
                server.rules_file.write_text(DOWN)
                file.write_text(good)
            server.rules_file.write_text(DOWN.replace("Down", "Renamed"))
            server.process.process.send_signal(signal.SIGHUP)
            wait_for(lambda: server.ask("GET", "/api/v1/rules/Renamed").is_success, "taken")
            status = server.process.get("/api/v1/status")["alerting"]
            assert status["last_reload_error"] is None
            server.rules_file.write_text(DOWN)
            assert server.ask("POST", "/-/reload").status_code == 204
            assert server.rule("Down")["expr"] == "up == 0"
