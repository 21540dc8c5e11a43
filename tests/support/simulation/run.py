"""One seed: a storage lives, dies and starts again; after each start a model says what is there."""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import structlog
from support.simulation.checks import problems_of
from support.simulation.disk import Died, SimulatedDisk, Trace
from support.simulation.model import Expected, Model, Request, Row, State
from support.simulation.requests import PROMOTED, SimulatedDecoder, events, group
from support.simulation.rollups import every_point_once
from support.simulation.seen import Seen

from goldeneye.clock import DAY_NS, HOUR_NS, ManualClock
from goldeneye.errors import StartupError, StorageUnavailable
from goldeneye.limits import MIB
from goldeneye.schemas import SIGNALS, STORED_TABLES, WITH_TRACE_FILTERS, OwnTable, Signal
from goldeneye.snapshot import FileEntry
from storage.compaction.worker import carry_out
from storage.compaction.worker_process import MergeFailed, Worker
from storage.engine import Storage
from storage.folders import Folders
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.retention import Retention
from storage.settings import StorageSettings, WalSync
from storage.tenant_snapshot import TenantSnapshot
from storage.trace_filter import path_of
from storage.verify import verify

TENANTS = ("default", "a b/ü")
_MAX_AGE_NS = {
    "spans": 3 * DAY_NS,
    "logs": 2 * DAY_NS,
    "metric_points": 4 * DAY_NS,
    "alert_events": 3 * DAY_NS,
}
_SENT: tuple[Signal | OwnTable, ...] = (*SIGNALS, "alert_events")
_FOR_EVER_NS = 1 << 62
_STEPS = 40
_ROUNDS_TO_DELETE = 10
_MOST_BYTES = 150_000


class Missed(Exception):
    """What the storage did that the model does not allow."""


class WorkerHere(Worker):
    """Merges in this process, through the simulated disk; some merges are killed half-way."""

    def __init__(self, disk: SimulatedDisk, chance: Random) -> None:
        super().__init__()
        self.is_safe = False
        self._disk = disk
        self._chance = chance

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        if not self.is_safe and self._chance.random() < 0.1:
            fd = self._disk.create(Path(task["output"]))
            self._disk.write(fd, [b"half a file"])
            self._disk.close(fd)
            raise MergeFailed("killed")
        try:
            return carry_out(task, self._disk)
        except OSError as error:
            raise MergeFailed(str(error)) from error


class Simulation:
    """`run` raises Missed; whatever else it raises is the storage's fault as well."""

    def __init__(
        self,
        seed: int,
        data_dir: Path,
        disk: Callable[[Path, Random, Trace], SimulatedDisk] = SimulatedDisk,
        trace: Trace = lambda _: None,
    ) -> None:
        self._chance = Random(seed)
        self._data_dir = data_dir
        self._told = trace
        self.disk = disk(data_dir, Random(f"disk {seed}"), self._trace)
        self._worker = WorkerHere(self.disk, Random(f"worker {seed}"))
        self._clock = ManualClock()
        self._settings = self._chosen_settings()
        has_size_limit = self._settings.retention.max_total_bytes is not None
        self._model = Model(_MAX_AGE_NS, has_size_limit)
        self._storage: Storage | None = None
        self._readers: list[tuple[str, TenantSnapshot, Expected]] = []
        self._committed: set[str] = set()
        self._next_number = 0
        self._is_faulty = False
        self._has_failed = False

    def _chosen_settings(self) -> StorageSettings:
        chance = self._chance
        lax: list[WalSync] = ["interval", "none"]
        sync: WalSync = "group" if chance.random() < 0.8 else chance.choice(lax)
        ages = {**dict.fromkeys(STORED_TABLES, _FOR_EVER_NS), **_MAX_AGE_NS}
        return StorageSettings(
            data_dir=self._data_dir,
            wal_sync=sync,
            segment_max_bytes=chance.choice([200, 2_000, 1 * MIB]),
            segment_max_age_s=chance.choice([10.0, 1_000.0]),
            max_backlog_bytes=1024 * MIB,
            max_hot_bytes=1024 * MIB,
            min_free_bytes=1,
            promoted=PROMOTED,
            retention=Retention(ages, _MOST_BYTES if chance.random() < 0.15 else None),
        )

    def _trace(self, text: str) -> None:
        self._told(text.replace(f"{self._data_dir}/", ""))

    def run(self) -> None:
        for _ in range(self._chance.randrange(2, 6)):
            self._life()
        self._last_life()

    def _life(self) -> None:
        self._trace("== life")
        self._disturb_start()
        try:
            self._open()
            self._check_start()
            if self._chance.random() < 0.9:
                self.disk.die_in(self._chance.randrange(1, 250))
            for _ in range(self._chance.randrange(1, _STEPS)):
                self._step()
            if self._chance.random() < 0.3:
                self._close()
                return
        except Died:
            pass
        self._crash()

    def _disturb_start(self) -> None:
        self._is_faulty = False
        if self._chance.random() < 0.3:
            self.disk.die_in(self._chance.randrange(1, 30))
        if self._chance.random() < 0.1:
            self._break()

    def _open(self) -> None:
        """Start; a start that the disk does not let through is tried again."""
        self._model.life += 1
        self._clock.advance(self._chance.choice([0.001, 1, 5_000]))
        try:
            self._storage = self._opened()
        except OSError as error:
            self._trace(f"   start failed: {error}")
            self._repair()
            self._storage = self._opened()

    def _opened(self) -> Storage:
        try:
            return Storage.open(
                self._settings,
                SimulatedDecoder(),
                self._clock,
                self.disk,
                worker=self._worker,
                threads=False,
            )
        except StartupError as error:
            raise Missed(f"the storage does not start: {error}") from error

    def _crash(self) -> None:
        if self._storage is not None:
            self._committed = {file.entry.id for file in self._storage._catalog.files()}
            self._storage._cleanups.close()
            self._storage = None
        self._readers.clear()
        cut = self._settings.wal_sync == "group" and self._chance.random() < 0.6
        self.disk.full = False
        self.disk.crash(power_cut=cut)

    @property
    def _alive(self) -> Storage:
        assert self._storage is not None
        return self._storage

    def _close(self) -> None:
        self._trace("close")
        self._repair()
        self._read_all()
        self._alive.close(10)
        self._storage = None
        self.disk.die_in(None)
        self._verify()

    def _verify(self) -> None:
        report = verify(self._data_dir)
        if not report.ok:
            raise Missed(f"verify: {'; '.join(report.problems)}")

    def _last_life(self) -> None:
        """Nothing fails any more: all that may be deleted is, and what is left is right."""
        self._trace("== last life")
        self._repair()
        self._open()
        self._check_start()
        self._flush()
        self._read_all()
        self._worker.is_safe = True
        self._clock.advance(33 * 3_600)
        self._tick()
        self._check_what_is_deleted()
        self._check_rollups()
        self._check_lake()
        self._close()
        if left := list(Folders(self._data_dir).wal.iterdir()):
            raise Missed(f"wal/ still has {[path.name for path in left]}")

    def _check_what_is_deleted(self) -> None:
        """In the end files/ has what counts and nothing else; what goes is let go step by step."""
        wanted: set[str] = set()
        on_disk: set[str] = {"unknown"}
        for _ in range(_ROUNDS_TO_DELETE):
            if wanted != on_disk:
                self._clock.advance(KEPT_AFTER_LAST_PIN_S + 1)
                self._tick()
                wanted = {path.name for entry in self._entries() for path in _stored(entry)}
                on_disk = {path.name for path in Folders(self._data_dir).files.iterdir()}
        self._demand([f"{name} is left" for name in sorted(on_disk - wanted)], "files/")
        self._demand([f"{name} is missing" for name in sorted(wanted - on_disk)], "files/")

    def _check_rollups(self) -> None:
        """Of what came back after a failed sync, files may be rolled up before it."""
        if not self._has_failed and not self._model.has_size_limit:
            for tenant in TENANTS:
                with self._alive.snapshot(tenant) as snapshot:
                    self._demand(list(every_point_once(Seen(snapshot))), tenant)

    def _step(self) -> None:
        step = self._chance.choices(
            [
                self._commit,
                self._flush,
                self._tick,
                self._advance,
                self._check,
                self._start_reading,
                self._read_one,
                self._break,
                self._repair,
            ],
            [12, 2, 4, 4, 2, 2, 1, 1, 2],
        )[0]
        self._trace(f"# {step.__name__.strip('_')}")
        step()

    def _commit(self) -> None:
        if self._chance.random() < 0.03:
            self.disk.die_in(self._chance.randrange(1, 5))
        made = [self._new_request() for _ in range(self._chance.randrange(1, 4))]
        self._model.requests += made
        self._send(made)

    def _send(self, requests: list[Request]) -> None:
        # Time passes: what was received later is told from what was received before.
        self._clock.advance(0.001)
        now_ns = self._clock.now_ns()
        for one in requests:
            one.received_ns, one.life = now_ns, self._model.life
            self._trace(f"   {one}")
        sent = [one for one in requests if one.signal != "alert_events"]
        groups = [group(one.tenant, one.signal, [one.body], now_ns) for one in sent]
        self._keep(sent, lambda: self._alive.commit(groups))
        for one in requests:
            if one.signal == "alert_events":
                rows = events([(row.number, row.time_ns) for row in one.rows])
                self._keep([one], partial(self._alive.append_rows, {one.signal: rows}, one.tenant))

    def _keep(self, requests: list[Request], keep: Callable[[], None]) -> None:
        answer: State = "acknowledged"
        try:
            keep()
        except StorageUnavailable as error:
            self._trace(f"   refused: {error}")
            answer = "refused"
        for one in requests:
            one.state = answer

    def _new_request(self) -> Request:
        chance, rows = self._chance, []
        late_ns = chance.choice([0, 0, 0, 3 * HOUR_NS, -HOUR_NS, 2 * DAY_NS])
        spread_ns = chance.choice([1, 1, 1, 2 * HOUR_NS])
        for _ in range(chance.randrange(1, 6)):
            time_ns = self._clock.now_ns() - late_ns - chance.randrange(spread_ns)
            rows.append(Row(self._next_number, time_ns))
            self._next_number += 1
        tenant, signal = chance.choice(TENANTS), chance.choice(_SENT)
        return Request(tenant, signal, rows, self._clock.now_ns(), self._model.life)

    def _send_again(self) -> None:
        """A client whose answer was lost sends the same bytes, as the receiver would take them."""
        for request in self._model.unanswered():
            if self._chance.random() < 0.8:
                known = self._alive.replayed(request.tenant, request.signal, "json", request.body)
                self._trace(f"# send again {request}: {'known' if known else 'unknown'}")
                if known:
                    request.state = "acknowledged"
                else:
                    self._send([request])

    def _flush(self) -> None:
        if self._alive.flush():
            self._check(settled=True)

    def _tick(self) -> None:
        if self._model.has_size_limit:
            self._model.loosen()
        with contextlib.suppress(OSError, sqlite3.Error):
            self._alive.tick()
        self._check()

    def _advance(self) -> None:
        self._clock.advance(self._chance.choice([1, 30, 700, 4_000, 8 * 3_600, 30 * 3_600]))

    def _break(self) -> None:
        self._is_faulty = True
        if self._chance.random() < 0.5:
            self.disk.full = True
        else:
            self._has_failed = True
            self.disk.fail_in(self._chance.randrange(1, 30))

    def _repair(self) -> None:
        self.disk.full = False
        self.disk.fail_in(None)

    def _start_reading(self) -> None:
        tenant = self._chance.choice(TENANTS)
        expected = self._model.expected(tenant, self._clock.now_ns())
        self._readers.append((tenant, self._alive.snapshot(tenant), expected))

    def _read_one(self) -> None:
        if self._readers:
            _, snapshot, expected = self._readers.pop(self._chance.randrange(len(self._readers)))
            with snapshot:
                self._demand(problems_of(Seen(snapshot), expected), "a query in mid-flight")

    def _read_all(self) -> None:
        while self._readers:
            self._read_one()

    def _check(self, settled: bool = False) -> None:
        now_ns = self._clock.now_ns()
        for tenant in TENANTS:
            with self._alive.snapshot(tenant) as snapshot:
                seen = Seen(snapshot)
                self._demand(problems_of(seen, self._model.expected(tenant, now_ns)), tenant)
                numbers = seen.numbers()
            self._model.learn(tenant, numbers, now_ns)
            if settled:
                self._model.settle(tenant, numbers)

    def _check_start(self) -> None:
        self._trace("# check the start")
        found = self._alive._findings
        needed = {Path(path).stem for path in found.set_aside} & self._committed
        problems = [f"{id_} was set aside" for id_ in sorted(needed)]
        problems += [f"{path} is missing" for path in found.missing_files]
        problems += [] if self._has_failed else found.damage
        if not self._is_faulty:
            staging = Folders(self._data_dir).staging
            problems += [f"{path.name} is left in staging/" for path in staging.iterdir()]
        self._demand(problems, "after a start")
        self._check()
        if not self._is_faulty:
            self._check_lake()
        self._send_again()

    def _entries(self) -> list[FileEntry]:
        found: list[FileEntry] = []
        for tenant in TENANTS:
            with self._alive.snapshot(tenant) as snapshot:
                found += snapshot.files
        return found

    def _check_lake(self) -> None:
        """Plain readers find exactly the files that count."""
        files = {Path(entry.path).stem: Path(entry.path) for entry in self._entries()}
        links = list(Folders(self._data_dir).lake.rglob("*.parquet"))
        problems = [f"lake/ has {link.stem}" for link in links if link.stem not in files]
        problems += [
            f"lake/ lacks {id_}" for id_ in sorted(files.keys() - {link.stem for link in links})
        ]
        problems += [
            f"{link} is another file"
            for link in links
            if link.stem in files and not link.samefile(files[link.stem])
        ]
        self._demand(problems, "lake/")

    def _demand(self, problems: list[str], where: str) -> None:
        if problems:
            raise Missed(f"{where}: {'; '.join(problems[:5])} ({len(problems)} in all)")


def _stored(entry: FileEntry) -> list[Path]:
    """The file, and the one beside it."""
    path = Path(entry.path)
    return [path, path_of(path)] if entry.table in WITH_TRACE_FILTERS else [path]


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """What the storage logs of the faults is expected."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.reset_defaults()
