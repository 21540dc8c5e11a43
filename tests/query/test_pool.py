"""Workers are handed out, replaced and buried, whoever waits for one when the pool is closed."""

import threading
from pathlib import Path
from typing import Any

import pytest
from support.snapshots import PROMOTED

from goldeneye.errors import Unavailable
from goldeneye.limits import MIB
from query import pool
from query.pool import WorkerPool
from query.settings import QuerySettings


class FakeWorker:
    """A process that is ready as soon as `may_start` is set."""

    may_start = threading.Event()

    def __init__(self, *_: Any) -> None:
        self.may_start.wait(20)
        self.protection, self.query_count, self.usable = "none", 0, True

    def kill(self) -> None: ...

    def reap(self) -> None: ...


def test_a_worker_that_is_taken_while_the_pool_closes_is_buried_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WorkerProcess", FakeWorker)
    FakeWorker.may_start.set()
    workers = WorkerPool(QuerySettings(tmp_path, MIB, 1, 1.0, 1, 1), PROMOTED)
    FakeWorker.may_start.clear()
    with workers.worker(20) as first:
        first.usable = False  # so that another one is started in its place
    refused = threading.Event()

    def ask() -> None:
        with pytest.raises(Unavailable, match="stopping"), workers.worker(20):
            pass
        refused.set()

    put = workers._idle.put

    def put_and_see_it_taken(worker: Any) -> None:
        put(worker)
        if worker is not None:
            refused.wait(20)

    monkeypatch.setattr(workers._idle, "put", put_and_see_it_taken)
    asking = threading.Thread(target=ask)
    closing = threading.Thread(target=workers.close, daemon=True)
    asking.start()
    closing.start()
    assert workers._closing.wait(20)
    FakeWorker.may_start.set()
    closing.join(5)
    asking.join(20)
    assert refused.is_set()
    assert not closing.is_alive()
