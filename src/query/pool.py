"""Warm workers, handed out one query at a time; one that is used up is replaced at once."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from typing import Final

import structlog

from goldeneye.errors import Unavailable
from goldeneye.schemas import PromotedKeys
from query.settings import QuerySettings
from query.worker_process import Late, WorkerDied, WorkerProcess

log = structlog.get_logger(__name__)

# A worker is replaced after so many queries, lest what an allocator keeps adds up.
_MAX_QUERIES: Final = 1_000
_RETRY_S: Final = 1.0


class Cancellation:
    """Ends a query from another thread, whether it runs, waits, or has not begun."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        with self._lock:
            self.cancelled.set()
            if self._worker is not None:
                self._worker.kill()

    @contextlib.contextmanager
    def over(self, worker: WorkerProcess) -> Iterator[None]:
        """While the block runs, the worker is what `cancel` kills."""
        with self._lock:
            self._worker = worker
            if self.cancelled.is_set():
                worker.kill()
        try:
            yield
        finally:
            with self._lock:
                self._worker = None


class WorkerPool:
    """Keeps `settings.workers` workers; starts them in a thread of its own, which outlives them."""

    def __init__(self, settings: QuerySettings, promoted: PromotedKeys) -> None:
        """Returns once the first worker is ready; raises WorkerDied or Late where none comes up."""
        self._settings = settings
        self._promoted = promoted
        self._idle: queue.LifoQueue[WorkerProcess | None] = queue.LifoQueue()
        # Those to bury; None asks for a new one only.
        self._used_up: queue.SimpleQueue[WorkerProcess | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._alive: set[WorkerProcess] = set()
        self._failure: BaseException | None = None
        self.protection = "unknown"
        for _ in range(settings.workers):
            self._used_up.put(None)
        self._thread = threading.Thread(target=self._replace, name="query-workers", daemon=True)
        self._thread.start()
        self._await_first()

    def _await_first(self) -> None:
        first = self._idle.get()
        if first is None:
            assert self._failure is not None
            self.close()
            raise self._failure
        self._idle.put(first)

    @contextlib.contextmanager
    def worker(self, timeout_s: float) -> Iterator[WorkerProcess]:
        """A worker for one query; where the block raises, the worker is not used again.

        Raises Unavailable where all are busy for `timeout_s`.
        """
        worker = self._take(timeout_s)
        try:
            yield worker
        except BaseException:
            self._discard(worker)
            raise
        worker.query_count += 1
        if worker.query_count >= _MAX_QUERIES:
            self._discard(worker)
        else:
            self._idle.put(worker)

    def status(self) -> dict[str, int]:
        return {"alive": len(self._alive), "idle": self._idle.qsize()}

    def close(self) -> None:
        """Kill all workers and wait for their end."""
        self._closing.set()
        with self._lock:
            for worker in self._alive:
                worker.kill()
        self._used_up.put(None)
        self._thread.join()

    def _take(self, timeout_s: float) -> WorkerProcess:
        if self._closing.is_set():
            raise Unavailable("the query layer is stopping")
        try:
            worker = self._idle.get(timeout=timeout_s)
        except queue.Empty:
            raise Unavailable(
                f"all {self._settings.workers} query workers were busy for {timeout_s:g} s "
                "(query.workers)"
            ) from None
        if worker is None:
            raise RuntimeError("a pool that did not start was used")
        return worker

    def _discard(self, worker: WorkerProcess) -> None:
        worker.kill()
        self._used_up.put(worker)

    def _replace(self) -> None:
        while True:
            worker = self._used_up.get()
            if not self._closing.is_set():
                self._start()
            if worker is not None:
                self._bury(worker)
            if self._closing.is_set():
                break
        for worker in list(self._alive):
            self._bury(worker)

    def _start(self) -> None:
        try:
            worker = WorkerProcess(self._settings, self._promoted)
        except (WorkerDied, Late, OSError) as error:
            log.error("a query worker did not start", error=str(error) or repr(error))
            self._failure = error
            if not self._alive:
                self._idle.put(None)
            time.sleep(_RETRY_S)
            self._used_up.put(None)
            return
        with self._lock:
            self._alive.add(worker)
            if self._closing.is_set():
                worker.kill()
        self.protection = worker.protection
        self._idle.put(worker)

    def _bury(self, worker: WorkerProcess) -> None:
        worker.reap()
        with self._lock:
            self._alive.discard(worker)
