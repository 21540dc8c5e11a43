"""Counts the minutes of all SLOs, and has their alerts evaluated when they are counted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import structlog

from alerting.engine.planned import Planned
from alerting.rules.group import Surroundings
from alerting.slo.alerts import Budgets, groups
from alerting.slo.collecting import Collector, SloRow, Stored
from alerting.slo.counted import key_of
from alerting.slo.counting import SloQuerier
from alerting.slo.late import Late, Since
from alerting.slo.model import Slo
from goldeneye.clock import Clock
from goldeneye.errors import GoldeneyeError
from goldeneye.telemetry import SLO_COUNT_SECONDS, SLO_FAILURES

log = structlog.get_logger(__name__)


class SloData(SloQuerier, Stored, Protocol):
    """What minutes are counted of, and where they are kept."""

    def write(self, rows: Sequence[SloRow]) -> None:
        """Durable when it returns, all or nothing. Raises GoldeneyeError."""
        ...


class SloLoop:
    """Lives in one event loop; counts in `threads`, one count after the other."""

    def __init__(
        self,
        data: SloData,
        clock: Clock,
        threads: Executor,
        interval_ns: int,
        evaluate: Callable[[], Awaitable[None]],
        since: Since,
    ) -> None:
        """`evaluate` has the groups of `planned` evaluated, and waits for it."""
        self.data = data
        self._clock = clock
        self._threads = threads
        self._interval_ns = interval_ns
        self._evaluate = evaluate
        self._collector = Collector((), data, data, Late(data, since))
        self._slos: Sequence[Slo] = ()
        self._due_ns = 0
        self._task: asyncio.Task[None] | None = None
        # Why an SLO is not counted now, by its key.
        self.failures: Mapping[str, str] = {}

    def failures_of(self, slo: Slo) -> str:
        """Why it is not counted now; empty where it is."""
        keys = dict.fromkeys(key_of(slo, objective) for objective in slo.objectives)
        return "; ".join(self.failures[key] for key in keys if key in self.failures)

    def planned(self, slos: Sequence[Slo], surroundings: Surroundings) -> list[Planned]:
        """The groups of the SLOs' alerts."""
        asked = replace(surroundings, querier=Budgets(slos, self._collector.minutes))
        return [Planned(group, asked, "slo") for group in groups(slos)]

    def replace(self, slos: Sequence[Slo]) -> None:
        """Count these from the next time on."""
        for key in _keys(self._slos) - _keys(slos):
            with suppress(KeyError):
                SLO_FAILURES.remove(key)
        self._slos = slos
        self._due_ns = 0

    def tick(self) -> int | None:
        """Begin to count where it is due; when it is next, None where there is nothing."""
        if not self._slos and not self._collector.slos:
            return None
        now_ns = self._clock.now_ns()
        idle = self._task is None or self._task.done()
        # A time that is further away than one interval is of a clock that was set back.
        if idle and not now_ns < self._due_ns <= now_ns + self._interval_ns:
            self._due_ns = now_ns + self._interval_ns
            self._task = asyncio.get_running_loop().create_task(self._count())
        return self._due_ns if idle else None

    async def idle(self) -> None:
        """Until a count that has begun is over."""
        if self._task is not None:
            await self._task

    async def _count(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._counted, self._slos)
        except Exception:
            log.exception("a count of SLOs failed in a way that is not expected")
        await self._evaluate()

    def _counted(self, slos: Sequence[Slo]) -> None:
        started_s = self._clock.monotonic_s()
        if slos is not self._collector.slos:
            self._collector.change(slos)
        found = self._collector.tick(self._clock.now_ns())
        failures = dict(found.failures)
        try:
            if found.rows:
                self.data.write(found.rows)
            self._collector.written(found)
        except GoldeneyeError as error:
            log.warning("minutes of SLOs wait for the storage", reason=str(error))
        for key in failures:
            SLO_FAILURES.labels(key).inc()
        self.failures = failures
        SLO_COUNT_SECONDS.observe(self._clock.monotonic_s() - started_s)


def _keys(slos: Sequence[Slo]) -> set[str]:
    return {key_of(slo, objective) for slo in slos for objective in slo.objectives}
