"""Warm workers, handed out one query at a time; one that is used up is replaced at once."""

import contextlib
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Final

import structlog

from goldeneye.errors import QueryFailed, Unavailable
from goldeneye.schemas import PromotedKeys
from query.settings import QuerySettings
from query.worker_process import Late, WorkerDied, WorkerProcess

log = structlog.get_logger(__name__)

# A worker is replaced after so many queries, lest what an allocator keeps adds up.
_MAX_QUERIES: Final = 1_000
_RETRY_S: Final = 1.0

CANCELLED: Final = "the query was cancelled"
CLOSED: Final = "the query layer is stopping"


class Cancellation:
    """Ends the queries of a request from another thread, running, waiting, or not begun."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers = set[WorkerProcess]()
        self.cancelled = False

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            for worker in self._workers:
                worker.kill()

    @contextlib.contextmanager
    def over(self, worker: WorkerProcess) -> Iterator[None]:
        """While the block runs, the worker is what `cancel` kills; QueryFailed if it has been."""
        with self._lock:
            if self.cancelled:
                raise QueryFailed(CANCELLED)
            self._workers.add(worker)
        try:
            yield
        finally:
            with self._lock:
                self._workers.discard(worker)


class WorkerPool:
    """Keeps `settings.workers` workers; starts them in a thread of its own, which outlives them."""

    def __init__(
        self, settings: QuerySettings, promoted: PromotedKeys, unchecked: bool = False
    ) -> None:
        """Returns once the first worker is ready; raises WorkerDied or Late where it fails."""
        self._settings = settings
        self._promoted = promoted
        self._unchecked = unchecked
        # The latest used first, since its caches are warm; None once the pool is closed.
        self._idle: queue.LifoQueue[WorkerProcess | None] = queue.LifoQueue()
        # Those to bury and replace; None asks for a worker more.
        self._used_up: queue.SimpleQueue[WorkerProcess | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._alive: set[WorkerProcess] = set()
        self._first: Future[str] = Future()
        self._closing = threading.Event()
        for _ in range(settings.workers):
            self._used_up.put(None)
        self._thread = threading.Thread(target=self._replace, name="query-workers", daemon=True)
        self._thread.start()
        try:
            self.protection = self._first.result()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def worker(self, timeout_s: float) -> Iterator[WorkerProcess]:
        """A worker for one query; it is used again if it is `usable` after the block.

        Raises Unavailable where all are busy for `timeout_s`.
        """
        worker = self._take(timeout_s)
        try:
            yield worker
        finally:
            self._give_back(worker)

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def status(self) -> dict[str, int]:
        return {"alive": len(self._alive), "idle": self._idle.qsize()}

    def close(self) -> None:
        """Kill all workers and wait for their end."""
        with self._lock:
            self._closing.set()
            for worker in self._alive:
                worker.kill()
        self._used_up.put(None)
        self._thread.join()

    def _take(self, timeout_s: float) -> WorkerProcess:
        try:
            worker = self._idle.get(timeout=timeout_s)
        except queue.Empty:
            raise Unavailable(
                f"all {self._settings.workers} query workers were busy for {timeout_s:g} s "
                f"({self._settings.section}.workers)"
            ) from None
        if worker is None or self.closed:
            if worker is not None:
                self._used_up.put(worker)  # else nobody would bury it, and `close` would wait
            self._idle.put(None)
            raise Unavailable(CLOSED)
        return worker

    def _give_back(self, worker: WorkerProcess) -> None:
        worker.query_count += 1
        with self._lock:
            if worker.usable and worker.query_count < _MAX_QUERIES and not self.closed:
                self._idle.put(worker)
                return
        worker.kill()
        self._used_up.put(worker)

    def _replace(self) -> None:
        while not self.closed:
            worker = self._used_up.get()
            if not self.closed:
                self._start()
            if worker is not None:
                self._bury(worker)
        self._bury_all()

    def _bury_all(self) -> None:
        """The idle ones, then those in use, as soon as their queries have noticed their end."""
        with contextlib.suppress(queue.Empty):
            while True:
                worker = self._idle.get_nowait()
                if worker is not None:
                    self._bury(worker)
        self._idle.put(None)
        while self._alive:
            worker = self._used_up.get()
            if worker is not None:
                self._bury(worker)

    def _start(self) -> None:
        try:
            worker = WorkerProcess(self._settings, self._promoted, self._unchecked)
        except (WorkerDied, Late, OSError) as error:
            log.error("a query worker did not start", error=str(error) or repr(error))
            if not self._first.done():
                self._first.set_exception(error)
            self._closing.wait(_RETRY_S)
            self._used_up.put(None)
            return
        with self._lock:
            self._alive.add(worker)
            if self.closed:
                worker.kill()
        self._idle.put(worker)
        if not self._first.done():
            self._first.set_result(worker.protection)

    def _bury(self, worker: WorkerProcess) -> None:
        worker.reap()
        with self._lock:
            self._alive.discard(worker)
