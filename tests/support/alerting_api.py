"""The alert engine and its routes over HTTP; its data, its clock and its history are the test's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from support.alert_engine import KeptLake
from support.rules import Data, samples
from support.slo_data import Counted

from alerting.alerts.history import Found, History, Rest, Told
from alerting.alerts.selection import Selection
from alerting.api import routers
from alerting.asked import Span
from alerting.engine.service import Alerting
from alerting.plain import rfc3339
from alerting.rules.group import Surroundings
from alerting.settings import AlertingSettings
from goldeneye import api
from goldeneye.clock import ManualClock
from goldeneye.http_server import HttpServer
from goldeneye.rule_queries import CHECKS
from goldeneye.tokens import OPEN, Tokens

RULES = """
groups:
  - name: shop
    interval: 10s
    rules:
      - alert: Slow
        expr: latency > 1
        labels: {severity: page}
        annotations: {summary: "{{ $labels.service_name }} is slow"}
"""
NOBODY = """
route: {receiver: team, group_by: [alertname], group_wait: 5s}
receivers: [{name: team}]
"""


class NoHistory:
    """Nothing was ever told."""

    def events(self, which: Selection, alert_id: str | None, span: Span, rest: Rest) -> Found:
        return Found([])

    def statistics(self, which: Selection, span: Span) -> Found:
        return Found([])

    def notifications(self, which: Told, span: Span, rest: Rest) -> Found:
        return Found([])


class Whole:
    """The engine runs in its thread; `step` lets it do all that is due at the clock's time."""

    client: httpx.Client
    start_ns: int

    def __init__(
        self,
        data_dir: Path,
        rules: str,
        alertmanager: str,
        lake: Any,
        slos: str,
        after: "Whole | None",
    ) -> None:
        self.clock = after.clock if after else ManualClock()
        self.data = after.data if after else Data()
        self.lake = lake
        self.minutes = after.minutes if after else Counted()
        (data_dir / "slos.yml").write_text(slos)
        (data_dir / "rules.yml").write_text(rules)
        (data_dir / "alertmanager.yml").write_text(alertmanager)
        settings = AlertingSettings(
            data_dir,
            (str(data_dir / "rules.yml"),),
            (str(data_dir / "slos.yml"),),
            alertmanager_config=data_dir / "alertmanager.yml",
            external_url="http://goldeneye.example",
            external_labels={"region": "eu"},
        )
        surroundings = Surroundings(
            self.data, lambda _: None, settings.external_labels, settings.external_url
        )
        self.alerting = Alerting(settings, surroundings, CHECKS, lake, self.minutes, self.clock)

    def aligned(self) -> None:
        """Move on to when the first group is due: where in its interval depends on its path."""
        schedule = self.alerting.engine.rules.running[0].schedule
        # To the nanosecond, which no number of seconds says.
        self.clock._now_ns = schedule.next_after(self.clock.now_ns())

    def at(self, seconds: float) -> str:
        """A time after the start, as it is shown."""
        return rfc3339(self.start_ns + round(seconds * 1e9))

    def step(self, seconds: float = 0) -> None:
        """Evaluate and notify, `seconds` later."""
        self.clock.advance(seconds)
        engine = self.alerting.engine

        async def done() -> None:
            # What the engine's own thread has begun is of before.
            await engine.idle()
            self.alerting._step()
            await engine.idle()

        asyncio.run_coroutine_threadsafe(done(), self.alerting._loop).result(20)

    def slow(self, *services: str, seconds: float = 10) -> None:
        """From now on these are slow, and no others; evaluated once."""
        self.data.answer = samples(*(({"service_name": one}, 3.0) for one in services))
        self.step(seconds)

    def get(self, path: str, params: Any = None, status: int = 200) -> Any:
        return self.ask("GET", path, params=params, status=status)

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        response = self.client.request(method, path, **more)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def alerts(self, **params: Any) -> list[Any]:
        found = self.get("/api/v1/alerts", params)["alerts"]
        assert isinstance(found, list)
        return found


@contextmanager
def alerting_api(
    data_dir: Path,
    rules: str = RULES,
    alertmanager: str = NOBODY,
    history: History | None = None,
    lake: Any = None,
    slos: str = "",
    tokens: Tokens = OPEN,
    after: Whole | None = None,
) -> Iterator[Whole]:
    """With `after` a restart, over the same folder."""
    whole = Whole(data_dir, rules, alertmanager, lake or KeptLake(), slos, after)
    if after is None:
        whole.aligned()
    whole.start_ns = whole.clock.now_ns()
    given = routers(whole.alerting, history or NoHistory())
    app = api.app(whole.alerting.status, lambda: None, given, tokens)
    loop = asyncio.new_event_loop()
    server = HttpServer(app, "127.0.0.1:0", "tests", "none")
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(20)
    whole.alerting.start()
    try:
        with httpx.Client(base_url=f"http://{server.address}", timeout=20) as whole.client:
            yield whole
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(10), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        whole.alerting.stop(10)
