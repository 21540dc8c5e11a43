"""The alert engine on a clock that tests move, over data and a lake of their own."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.rules import Data

from alerting.engine.engine import Engine
from alerting.rules.group import Surroundings
from alerting.rules.loading import Checks
from alerting.rules.recording import Recorded
from alerting.settings import AlertingSettings
from alerting.state.outbox import LakeTable, Line
from goldeneye.clock import ManualClock
from goldeneye.errors import StorageUnavailable

SECOND_NS = 1_000_000_000
RULES = """
groups:
  - name: g
    rules:
      - alert: Down
        expr: up == 0
        annotations: {summary: "{{ $labels.job }} is down"}
"""


class KeptLake:
    """Tables in memory; where it is `full` it refuses."""

    def __init__(self) -> None:
        self.tables: dict[LakeTable, list[Line]] = {"alert_events": [], "notifications": []}
        self.full = False

    def write(self, rows: Mapping[LakeTable, Sequence[Line]]) -> None:
        if self.full:
            raise StorageUnavailable("the disk is full")
        for table, lines in rows.items():
            self.tables[table] += lines

    def lines_since(self, table: LakeTable, since_ns: int) -> Sequence[Line]:
        return [line for line in self.tables[table] if line["time"] >= since_ns]


class NoSlos:
    """Of an engine without SLOs nobody asks for minutes."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


class EngineBench:
    """One data folder; `restart` is what a kill and a start are."""

    def __init__(self, folder: Path, rules: str, routing: str | None) -> None:
        self.folder = folder
        self.data = Data()
        self.lake = KeptLake()
        self.written: list[Recorded] = []
        self.clock = ManualClock()
        self.began_ns = self.clock.now_ns()
        self.rules_file = folder / "rules.yml"
        self.rules_file.write_text(rules, encoding="utf-8")
        self.routing_file = None if routing is None else folder / "routing.yml"
        if self.routing_file is not None:
            self.routing_file.write_text(str(routing), encoding="utf-8")
        self.threads = ThreadPoolExecutor(2)
        self.runner = asyncio.Runner()
        self.restart()

    def restart(self) -> None:
        """Without a goodbye to the engine of before."""
        settings = AlertingSettings(
            data_dir=self.folder,
            rule_files=(str(self.rules_file),),
            alertmanager_config=self.routing_file,
            external_url="http://here",
        )
        surroundings = Surroundings(self.data, self.written.extend, {}, "http://here")
        checks = Checks(promql=str)
        self.engine = Engine(
            settings, surroundings, checks, self.lake, NoSlos(), self.clock, self.threads
        )  # type: ignore[arg-type]

    def at(self, seconds: float, answer: Any = None) -> None:
        """Everything that is due by then, at one instant."""
        if answer is not None:
            self.data.answer = answer
        now_s = (self.clock.now_ns() - self.began_ns) / SECOND_NS
        self.clock.advance(seconds - now_s)
        self.runner.run(self._step())

    async def _step(self) -> None:
        self.engine.tick()
        await self.engine.idle()

    def events(self) -> list[tuple[str, str, str]]:
        """Before, after and reason of all that reached the lake."""
        lines = self.lake.tables["alert_events"]
        return [(line["before"], line["after"], line["reason"]) for line in lines]


@contextmanager
def alert_engine(
    folder: Path, rules: str = RULES, routing: str | None = None
) -> Iterator[EngineBench]:
    bench = EngineBench(folder, rules, routing)
    try:
        yield bench
    finally:
        bench.engine.close()
        bench.runner.close()
        bench.threads.shutdown()
