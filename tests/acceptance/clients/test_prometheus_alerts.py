"""A real Prometheus evaluates a rule, and tells Goldeneye of its alert as an Alertmanager."""

import time
from pathlib import Path
from typing import Any

import pytest
from support.alerting_server import ROUTING, AlertingServer, alerting_server, hooked, wait_for
from support.prometheus import prometheus

pytestmark = [pytest.mark.foreign, pytest.mark.slow]
# It finds whom to tell some seconds after its start, and would tell them a minute later.
SOON = "--rules.alert.resend-delay=2s"
NO_RULES = "groups: []"
CONFIG = """
global: {{evaluation_interval: 1s, external_labels: {{replica: a}}}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - path_prefix: /alertmanager
      static_configs: [{{targets: ["{address}"]}}]
"""
RULES = """
groups:
  - name: theirs
    interval: 1s
    rules:
      - alert: Theirs
        expr: vector(time()) < {until_s}
        labels: {{severity: page}}
        annotations: {{summary: "at {{{{ $value }}}}"}}
"""


def _get(server: AlertingServer, path: str) -> Any:
    return server.ask("GET", path).json()


def test_its_alerts_arrive_are_told_and_end(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    with hooked() as hook, alerting_server(ours, NO_RULES, ROUTING.format(url=hook.url)) as server:
        address = server.process.api_url.removeprefix("http://")
        until_s = time.time() + 25
        (theirs / "prometheus.yml").write_text(CONFIG.format(address=address))
        (theirs / "rules.yml").write_text(RULES.format(until_s=until_s))
        with prometheus(theirs / "data", theirs / "prometheus.yml", SOON):
            hook.arrival("Theirs")
            (alert,) = _get(server, "/alertmanager/api/v2/alerts")
            assert alert["labels"] == {"alertname": "Theirs", "replica": "a", "severity": "page"}
            assert "/graph?" in alert["generatorURL"]
            (shown,) = _get(server, "/api/v1/alerts")["alerts"]
            assert (shown["state"], shown["kind"]) == ("firing", "external")
            hook.arrival("Theirs", "resolved")
        assert _get(server, "/alertmanager/api/v2/alerts") == []
        (shown,) = _get(server, "/api/v1/alerts")["alerts"]
        assert shown["state"] == "resolved"
        assert hook.statuses("Theirs") == ["firing", "resolved"]
        changes = [("inactive", "firing"), ("firing", "resolved")]
        wait_for(lambda: server.transitions("Theirs") == changes, "both changes are stored")
