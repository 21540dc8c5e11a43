"""The alert engine in a thread of its own, so that no burst of telemetry delays it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

import structlog

from alerting.alerts.housekeeping import Housekeeping
from alerting.alerts.reported import Reported
from alerting.engine.engine import Engine
from alerting.engine.posting import Lake
from alerting.engine.slo_loop import SloData
from alerting.rules.group import Health, Surroundings
from alerting.rules.loading import Checks
from alerting.settings import AlertingSettings
from alerting.state.documents import Made
from goldeneye.clock import Clock
from goldeneye.errors import GoldeneyeError, Unavailable
from goldeneye.telemetry import RELOAD_FAILURES

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
# Evaluations that wait for their answers, and one thread that writes to the lake.
_THREADS: Final = 5
_LONGEST_WAIT_S: Final = 1.0
# At the stop, for evaluations that have begun; the storage has to close after it.
_LONGEST_END_S: Final = 2.0


class Alerting:
    """Started once, stopped once."""

    def __init__(
        self,
        settings: AlertingSettings,
        surroundings: Surroundings,
        checks: Checks,
        lake: Lake,
        slo_data: SloData,
        clock: Clock,
    ) -> None:
        """Raises ConfigurationError and StorageUnavailable."""
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="rule")
        self._clock = clock
        self.engine = Engine(settings, surroundings, checks, lake, slo_data, clock, self._threads)
        self._reported = Reported(self.engine)
        self._housekeeping = Housekeeping(self.engine)
        self._changing = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._stopping = False
        self.started_ns = clock.now_ns()
        self._reload_error: str | None = None
        self._thread = threading.Thread(target=self._live, name="alerting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask(self, work: Callable[[Engine], Result], timeout_s: float = 10.0) -> Result:
        """What `work` gives, done between the engine's steps; from any other thread.

        Raises what `work` raises, and Unavailable where the engine is stopped or does not come
        to it in time.
        """

        given_up = threading.Event()

        async def done() -> Result:
            # Whoever was told that it was not done must not find it done.
            if given_up.is_set():
                raise Unavailable("the alert engine is busy")
            return work(self.engine)

        if self._stopping:
            raise Unavailable("the alert engine is stopping")
        asked = asyncio.run_coroutine_threadsafe(done(), self._loop)
        try:
            return asked.result(timeout_s)
        except TimeoutError:
            given_up.set()
            raise Unavailable("the alert engine is busy") from None

    def reload(self) -> None:
        """Read all files again, and go on with them; all or nothing.

        Raises ConfigurationError and StorageUnavailable.
        """
        try:
            self.change(lambda engine: engine.documents.made())
        except GoldeneyeError as error:
            self._reload_error = str(error)
            RELOAD_FAILURES.labels("alerting").inc()
            log.error("a change cannot be used; the last good one stays", reason=str(error))
            raise
        self._reload_error = None
        log.info("rules, SLOs and routing were read again", groups=len(self.engine.loaded.groups))

    def change(self, work: Callable[[Engine], Made]) -> None:
        """Read all files, and go on with them and with the documents that `work` gives.

        Raises what `work` raises, ConfigurationError and StorageUnavailable; all or nothing.
        """
        # One after the other, or one would undo what another did while files were read.
        with self._changing:
            loaded = self.engine.load(work(self.engine))
            self.ask(lambda engine: engine.take(loaded))

    def stop(self, timeout_s: float) -> None:
        """Lets what is being evaluated end, where that is soon.

        What is left, and what is being sent, is evaluated and sent after the next start.
        """
        self._stopping = True
        if self._thread.ident is not None:
            self._loop.call_soon_threadsafe(self.engine.woken.set)
            self._thread.join(timeout_s)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.engine.close()

    def status(self) -> dict[str, Any]:
        """For /api/v1/status; cheap, from any thread."""
        engine = self.engine
        groups = engine.rules.running
        states = [state for group in groups for state in group.states]
        return {
            "rule_groups": len(groups),
            "rules": len(states),
            "failing_rules": sum(state.health is Health.ERROR for state in states),
            "slos": len(engine.loaded.slos.slos),
            "alerts": len(engine.dispatcher.known.all),
            "receivers": sorted(engine.loaded.configured.configuration.receivers),
            "notifies": bool(engine.loaded.configured.senders),
            "last_reload_error": self._reload_error,
        }

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._steps())

    async def _steps(self) -> None:
        engine = self.engine
        while not self._stopping:
            engine.woken.clear()
            next_ns = self._step()
            await self._wait(next_ns)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_END_S):
                await engine.slos.idle()
                await engine.rules.idle()
        engine.dispatcher.cancel()

    def _step(self) -> int | None:
        self._tried(self._reported.run)
        self._tried(self._housekeeping.run)
        return self._tried(self.engine.tick)

    def _tried(self, work: Callable[[], Result]) -> Result | None:
        """What cannot be written down now keeps nobody from being told, nor does a defect."""
        try:
            return work()
        except GoldeneyeError as error:
            log.error("the alert engine could not go on and tries again", reason=str(error))
        except Exception:
            log.exception("a step of the alert engine failed in a way that is not expected")
        return None

    async def _wait(self, next_ns: int | None) -> None:
        wait_s = _LONGEST_WAIT_S
        if next_ns is not None:
            wait_s = min(wait_s, max(0.0, (next_ns - self._clock.now_ns()) / 1e9))
        try:
            await asyncio.wait_for(self.engine.woken.wait(), wait_s)
        except TimeoutError:
            return
