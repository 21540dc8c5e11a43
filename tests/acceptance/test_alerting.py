"""From data to a notification, by the clock of the real process and with shipped defaults."""

from pathlib import Path

from support.alerting_server import AlertingServer, alerting_server, hooked, wait_for
from support.smtp_server import smtp_server

GROUP_WAIT_S = 5.0
LOG_WINDOW_S = 15.0
BOUND_S = 15.0
ALERTS = ("QueueFull", "SlowOperation", "ManyTimeouts", "ErrorBudgetBurn")
RULES = """
groups:
  - name: shop
    rules:
      - record: shop:queue_length
        expr: max by (service_name) (queue_length)
      - alert: QueueFull
        expr: shop:queue_length > 10
        labels: {severity: page}
        annotations: {summary: "{{ $labels.service_name }} has {{ $value | humanize }} waiting"}
  - name: spans
    rules:
      - alert: SlowOperation
        sql: >-
          SELECT service_name, name AS operation, arg_max(duration_ns, received_time) / 1e9 AS value
          FROM spans GROUP BY ALL HAVING value > 2
  - name: logs
    rules:
      - alert: ManyTimeouts
        log: {search: timeout severity>=error, window: 15s, threshold: "> 2", by: [service_name]}
"""
ROUTING = """
global: {{smtp_smarthost: "{smarthost}", smtp_from: alerts@example.org, smtp_require_tls: false}}
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 5s
  group_interval: 5s
  routes:
    - {{matchers: ['alertname="QueueFull"'], receiver: mail, continue: true}}
    - {{receiver: hook}}
receivers:
  - name: hook
    webhook_configs: [{{url: "{url}/hook"}}]
  - name: mail
    email_configs: [{{to: team@example.org}}]
"""
SLOS = """
slos:
  - name: checkout
    service: shop
    objective: 99.9
    window: 30d
    spans: {operation: pay}
    good: status != error
    alerts: [{severity: page, windows: [5m, 2m], burn_rate: 14.4}]
"""

SENT = (
    "SELECT receiver, count(*) AS number FROM notifications "
    "WHERE status = 'sent' GROUP BY ALL ORDER BY ALL"
)
FIRED_AND_ENDED = [("inactive", "firing"), ("firing", "resolved")]


def _healthy(server: AlertingServer) -> None:
    server.gauge("queue_length", 1)
    server.spans("browse", 1)
    server.spans("pay", 10)


def _transitions(server: AlertingServer, name: str) -> list[tuple[str, str]]:
    """Once they are in the table."""
    wait_for(lambda: len(server.transitions(name)) > 1, f"the events of {name}")
    return server.transitions(name)


def test_faults_are_told_within_15_seconds_and_their_ends_too(tmp_path: Path) -> None:
    with smtp_server() as mail, hooked() as hook:
        routing = ROUTING.format(smarthost=mail.smarthost, url=hook.url)
        with alerting_server(tmp_path, RULES, routing, SLOS) as server:
            _healthy(server)
            wait_for(lambda: server.rule("QueueFull")["health"] == "ok", "rules are evaluated")

            sent_s = server.gauge("queue_length", 1_500)
            server.spans("browse", 1, duration_s=3)
            server.spans("pay", 10, failed=True)
            server.logs(["a timeout of the database"] * 5)

            for name in ALERTS:
                taken_s = hook.arrival(name) - sent_s
                assert GROUP_WAIT_S <= taken_s <= BOUND_S, name
            wait_for(lambda: mail.mails, "the mail is there")
            assert "QueueFull" in str(mail.message["Subject"])
            payload = next(p for _, p in hook.told if p["groupLabels"]["alertname"] == "QueueFull")
            (alert,) = payload["alerts"]
            assert alert["annotations"] == {"summary": "shop has 1.5k waiting"}

            ended_s = server.gauge("queue_length", 2)
            server.spans("browse", 1)
            server.spans("pay", 1_000)
            ends_s = dict.fromkeys(ALERTS, ended_s) | {"ManyTimeouts": sent_s + LOG_WINDOW_S}
            for name in ALERTS:
                assert hook.arrival(name, "resolved") - ends_s[name] <= BOUND_S, name
                # Each was told once, and once that it is over.
                assert hook.statuses(name) == ["firing", "resolved"]
                assert _transitions(server, name) == FIRED_AND_ENDED
            # Mails are not sent of ends, as with Alertmanager.
            told = [{"receiver": "hook", "number": 8}, {"receiver": "mail", "number": 1}]
            wait_for(lambda: server.process.sql(SENT) == told, "the table of notifications")
