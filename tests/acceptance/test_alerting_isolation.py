"""What is too heavy, broken or does not answer harms nobody else."""

import time
from pathlib import Path

import pytest
from support.alerting_server import AlertingServer, alerting_server, hooked, wait_for

NEVER_ENDS = "SELECT count(*) AS value FROM range(100000000) a, range(100000000) b"
RULES = f"""
groups:
  - name: light
    interval: 1s
    rules:
      - {{alert: Down, expr: up == 0, annotations: {{summary: "{{{{ template \\"none\\" }}}}"}}}}
      - {{record: "up:copy", expr: up}}
  - {{name: heavy-1, interval: 1s, rules: [{{alert: Heavy1, sql: "{NEVER_ENDS}"}}]}}
  - {{name: heavy-2, interval: 1s, rules: [{{alert: Heavy2, sql: "{NEVER_ENDS}"}}]}}
  - {{name: heavy-3, interval: 1s, rules: [{{alert: Heavy3, sql: "{NEVER_ENDS}"}}]}}
  - name: other
    interval: 2s
    rules:
      - {{alert: Slow, expr: latency > 1}}
"""
ROUTING = """
route:
  receiver: hangs
  group_by: [alertname]
  group_wait: 1s
  group_interval: 20s
  routes:
    - {{matchers: ['alertname="Down"'], receiver: hangs, continue: true}}
    - {{receiver: answers}}
receivers:
  - name: hangs
    webhook_configs: [{{url: "{hangs}/hook"}}]
  - name: answers
    webhook_configs: [{{url: "{answers}/hook"}}]
"""
OBSERVED_S = 8.0
STOP_S = 7.0
HEAVY = ("Heavy1", "Heavy2", "Heavy3")


FAILURES = "goldeneye_alerting_rule_failures_total"
TEMPLATES = "goldeneye_alerting_rule_template_errors_total"
MISSED = "goldeneye_alerting_rule_group_evaluations_missed_total"
LATE = "it took longer than 2 s (alerting.query_timeout_s)"


def _evaluations(server: AlertingServer, group: str) -> float:
    return server.metric("goldeneye_alerting_rule_evaluations_total", rule_group=group)


@pytest.mark.slow
def test_heavy_rules_and_hanging_receivers_delay_nobody(tmp_path: Path) -> None:
    with hooked() as hangs, hooked() as answers:
        hangs.held_s = 60
        routing = ROUTING.format(hangs=hangs.url, answers=answers.url)
        with alerting_server(tmp_path, RULES, routing, query_timeout_s="2") as server:
            server.gauge("latency", 0)
            for name in HEAVY:
                wait_for(lambda n=name: LATE in (server.rule(n)["error"] or ""), "it is stopped")
                assert server.rule(name)["health"] == "error"
                assert server.metric(FAILURES, rule=name) >= 1
            before = _evaluations(server, "other")
            missed = server.metric(MISSED, rule_group="other")
            began_s = time.monotonic()
            server.gauge("up", 0)
            hangs.arrival("Down")
            summary = hangs.told[0][1]["alerts"][0]["annotations"]["summary"]
            assert summary.startswith("<error expanding template: ")
            assert server.metric(TEMPLATES, rule="Down") >= 1
            sent_s = server.gauge("latency", 2)
            # Two seconds to the evaluation, one of group_wait, and some for a busy machine.
            assert answers.arrival("Slow") - sent_s < 6
            time.sleep(max(0.0, OBSERVED_S - (time.monotonic() - began_s)))
            assert _evaluations(server, "other") - before >= OBSERVED_S / 2 - 1
            assert server.metric(MISSED, rule_group="other") == missed
            # Nor do they hold up the end: neither an answer nor a notification is waited for.
            began_s = time.monotonic()
            assert server.process.stop() == 0
            assert time.monotonic() - began_s < STOP_S
