"""The thread that keeps the folder in order beside reading and writing."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

from goldeneye.clock import Clock
from goldeneye.telemetry import RETIRED_BYTES, RETIRED_FILES
from storage.catalog import Catalog
from storage.compaction.compactor import Compactor
from storage.removal import Removal
from storage.retention import Retention, due
from storage.rollups.roller import Roller

log = structlog.get_logger(__name__)
_TICK_S: Final = 30.0


class Maintenance:
    """`tick` does what is due; `start` lets a thread do that again and again."""

    def __init__(
        self,
        catalog: Catalog,
        removal: Removal,
        retention: Retention,
        roller: Roller,
        compactor: Compactor,
        count_files: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._removal = removal
        self._retention = retention
        self._roller = roller
        self._compactor = compactor
        self._count_files = count_files
        self._clock = clock
        self._busy = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """False where the thread is stuck."""
        self._stopping.set()
        self._compactor.stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.tick()
            except Exception:
                # Without this thread the disk would fill up, and nobody would know why.
                log.exception("maintenance met what it did not expect; it goes on")
            self._stopping.wait(_TICK_S)

    def tick(self) -> None:
        """Let go of what has had its time, roll up, merge what is small, delete what nobody reads.

        Rollups come first: of a merged file it is not known which hours have rows that are new.
        """
        with self._busy:
            self._let_go()
            for _ in itertools.chain(self._roller.rollups(), self._compactor.merges()):
                self._count_files()
                if self._stopping.is_set():
                    break
            self._removal.delete_unpinned()

    def _let_go(self) -> None:
        files, now_ns = self._catalog.files(), self._clock.now_ns()
        gone = self._removal.remove(due(files, self._retention, now_ns))
        if not gone:
            return
        log.info("retention let files go", files=dict(Counter(file.entry.table for file in gone)))
        for file in gone:
            RETIRED_FILES.labels(file.entry.table).inc()
            RETIRED_BYTES.labels(file.entry.table).inc(file.entry.size_bytes)
        self._count_files()
