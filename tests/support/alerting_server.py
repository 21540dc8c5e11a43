"""The real server with rules, SLOs and receivers, and the telemetry that they are about."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from support import items
from support.http_receiver import HttpReceiver, Reply, Taken, http_receiver
from support.server import GoldeneyeProcess

SECOND_NS = 1_000_000_000
SHOP = {"attributes": [items.attribute("service.name", string_value="shop")]}
ROUTING = """
route: {{receiver: hook, group_by: [alertname], group_wait: 5s, group_interval: 5s}}
receivers:
  - name: hook
    webhook_configs: [{{url: "{url}/hook"}}]
"""
DOWN = """
groups:
  - name: fast
    interval: 1s
    rules:
      - alert: Down
        expr: up == 0
"""


@dataclass
class Hook:
    """A webhook's receiver that knows when it got what; `held` answers nothing for so long."""

    url: str = ""
    told: list[tuple[float, Any]] = field(default_factory=list)
    held_s: float = 0.0

    def __call__(self, taken: Taken) -> Reply:
        self.told.append((time.time(), taken.json))
        time.sleep(self.held_s)
        return Reply()

    def of(self, name: str) -> list[tuple[float, str]]:
        """When which status was told of the alerts of one name."""
        return [
            (at_s, alert["status"])
            for at_s, payload in list(self.told)
            for alert in payload["alerts"]
            if alert["labels"]["alertname"] == name
        ]

    def statuses(self, name: str) -> list[str]:
        return [status for _, status in self.of(name)]

    def arrival(self, name: str, status: str = "firing") -> float:
        """When it was first told; waits for it."""
        wait_for(lambda: status in self.statuses(name), f"{name} is told as {status}")
        return next(at_s for at_s, one in self.of(name) if one == status)


@contextmanager
def hooked() -> Iterator[Hook]:
    hook = Hook()
    with http_receiver(hook) as receiver:
        hook.url = receiver.url
        yield hook


def wait_for(holds: Callable[[], object], what: str, timeout_s: float = 30.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {timeout_s:g} s: {what}"
        time.sleep(0.1)


class AlertingServer:
    """One data folder with its files; started and killed as often as a test says."""

    def __init__(
        self, folder: Path, rules: str, routing: str, slos: str | None = None, **more: str
    ) -> None:
        self.rules_file = folder / "rules.yml"
        self.routing_file = folder / "alertmanager.yml"
        self.slo_file = folder / "slos.yml"
        self.rules_file.write_text(rules, encoding="utf-8")
        self.routing_file.write_text(routing, encoding="utf-8")
        environment = {
            "rule_files": json.dumps([str(self.rules_file)]),
            "alertmanager_config": str(self.routing_file),
            **more,
        }
        if slos is not None:
            self.slo_file.write_text(slos, encoding="utf-8")
            environment["slo_files"] = json.dumps([str(self.slo_file)])
        variables = {f"GOLDENEYE_ALERTING__{k.upper()}": v for k, v in environment.items()}
        self.process = GoldeneyeProcess(folder / "data", variables)

    def ask(self, method: str, path: str, content: str | None = None) -> httpx.Response:
        url = self.process.api_url + path
        headers = {"Content-Type": "application/json"}
        return httpx.request(method, url, content=content, headers=headers, timeout=30)

    def send(self, signal: str, body: bytes) -> float:
        """When it was acknowledged."""
        answer = httpx.post(
            f"{self.process.http_endpoint}/v1/{signal}",
            content=body,
            headers={"Content-Type": "application/x-protobuf"},
            timeout=30,
        )
        answer.raise_for_status()
        return time.time()

    def gauge(self, name: str, value: float) -> float:
        point = items.point(time_unix_nano=time.time_ns(), as_double=value)
        return self.send("metrics", items.metrics(items.gauge(point, name=name), resource=SHOP))

    def spans(self, name: str, count: int, duration_s: float = 0.01, failed: bool = False) -> float:
        end_ns = time.time_ns()
        start_ns = end_ns - round(duration_s * SECOND_NS)
        times = {"start_time_unix_nano": start_ns, "end_time_unix_nano": end_ns}
        spans = [
            items.span(
                name=name,
                kind=2,
                span_id=number.to_bytes(8, "big"),
                status={"code": 2 if failed else 1},
                **times,
            )
            for number in range(1, count + 1)
        ]
        return self.send("traces", items.traces(*spans, resource=SHOP))

    def logs(self, texts: Sequence[str]) -> float:
        at_ns = time.time_ns()
        records = [
            {"time_unix_nano": at_ns, "severity_number": 17, "body": {"string_value": text}}
            for text in texts
        ]
        return self.send("logs", items.logs(*records, resource=SHOP))

    def transitions(self, rule: str) -> list[tuple[str, str]]:
        """All changes of a rule's alerts, by time."""
        rows = self.process.sql(
            "SELECT before, after FROM alert_events "
            "WHERE rule = $rule AND before != after ORDER BY time",
            {"rule": rule},
        )
        return [(row["before"], row["after"]) for row in rows]

    def rule(self, name: str) -> Any:
        """How a rule fares."""
        rules = self.process.get("/api/v1/rules?limit=1000")["rules"]
        return next(one for one in rules if one["name"] == name)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric of `/metrics` over the labels that are not given."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(
            float(line.rpartition(" ")[2])
            for line in self.ask("GET", "/metrics").text.splitlines()
            if line.startswith((f"{name}{{", f"{name} ")) and all(pair in line for pair in wanted)
        )


@contextmanager
def alerting_server(
    folder: Path, rules: str = DOWN, routing: str = "", slos: str | None = None, **more: str
) -> Iterator[AlertingServer]:
    """A running one, killed at the end where a test did not stop it."""
    server = AlertingServer(folder, rules, routing, slos, **more)
    server.process.start()
    try:
        yield server
    finally:
        if server.process.process.poll() is None:
            server.process.kill()


__all__ = ["AlertingServer", "Hook", "HttpReceiver", "alerting_server", "hooked", "wait_for"]
