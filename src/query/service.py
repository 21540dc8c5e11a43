"""SQL over one snapshot of the data, run in workers: the query layer's edge inside the process."""

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, TypeVar

import pyarrow as pa

from goldeneye import limits
from goldeneye.clock import Clock
from goldeneye.errors import (
    GoldeneyeError,
    QueryFailed,
    QueryLate,
    QueryOverBudget,
    QueryRefused,
    TooManyRows,
    Unavailable,
)
from goldeneye.schemas import DEFAULT_TENANT, PromotedKeys
from goldeneye.snapshot import FileEntry, HotChunk, Snapshot, SnapshotSource
from goldeneye.telemetry import QUERIES, QUERY_SECONDS
from query.exceptions.states import States
from query.failures import HARMFUL, death, failure, over_time
from query.file_times import RowsOfTime, rows_of_times
from query.hot_times import chunks_within
from query.job import given
from query.memory_file import memory_file
from query.only_chunks import OnlyChunks
from query.part_of_snapshot import Part, PartOfSnapshot
from query.pool import CANCELLED, CLOSED, Cancellation, WorkerPool
from query.reading import read_over
from query.reads import Choose, Found, Reads
from query.received_since import ReceivedSince
from query.sent import as_json, checked
from query.services.services_file import ServicesFile
from query.settings import QuerySettings
from query.summaries.memory import Memory
from query.worker_process import Late, WorkerDied, WorkerProcess

Format = Literal["json", "table", "csv", "arrow", "parquet"]
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "table": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class SqlQuery:
    """A question. `params` are JSON values, by position (`?`, `$1`) or by name (`$name`).

    `start_ns` (inclusive) and `end_ns` (exclusive) bound the rows that the tables have, by their
    partition time; `max_rows` can only lower the configured bound. With `chunks` the tables have no
    other rows; of a table with `part` they have not all. `now_ns` is what `now()` gives, the time
    of asking by default.
    """

    sql: str
    params: Sequence[Any] | Mapping[str, Any] | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    format: Format = "json"
    tenant: str = DEFAULT_TENANT
    max_rows: int | None = None
    chunks: Sequence[HotChunk] | None = None
    part: Part | None = None
    now_ns: int | None = None


class SqlAnswer:
    """The answer as bytes of its format, in memory that no process holds twice until it is read."""

    def __init__(self, query: SqlQuery, fd: int, facts: Mapping[str, Any]) -> None:
        self.format: Format = query.format
        self.media_type = MEDIA_TYPES[query.format]
        self.row_count: int = facts["row_count"]
        self.elapsed_ms: float = facts["elapsed_ms"]
        self.truncated: bool = facts["truncated"]
        self.files_read: int = facts["files_read"]
        self.missing_files: Sequence[str] = facts["missing_files"]
        self.size_bytes = os.fstat(fd).st_size
        self._fd: int | None = fd

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """All bytes, or at most `size` of them from `offset`; raises ValueError once closed."""
        if self._fd is None:
            raise ValueError("the answer is closed")
        return os.pread(self._fd, self.size_bytes if size is None else size, offset)

    def table(self) -> pa.Table:
        """All rows of an answer in Arrow; raises ValueError once closed."""
        return pa.ipc.open_stream(self.read()).read_all()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


_Answer = TypeVar("_Answer")


class QueryService:
    """Answers questions; thread-safe."""

    def __init__(
        self,
        settings: QuerySettings,
        promoted: PromotedKeys,
        source: SnapshotSource,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self.promql = settings.promql
        self._source = source
        self._clock = clock
        self.memory = Memory()
        self.states = States(settings.data_dir)
        self.services_file = ServicesFile(settings.services_file)
        settings.files_dir.mkdir(parents=True, exist_ok=True)
        self._pool = WorkerPool(settings, promoted)

    def run(self, query: SqlQuery, cancellation: Cancellation | None = None) -> SqlAnswer:
        """The answer, once it is whole.

        Raises QueryRefused, QueryFailed, QueryOverBudget, DataDamaged, and Unavailable where all
        workers stay busy for as long as a query may take. Rows of files that are gone are left
        out, and the files named (`SqlAnswer.missing_files`).
        """
        return self._counted(lambda: self._run(query, cancellation or Cancellation()))

    def read(self, reads: Reads, cancellation: Cancellation | None = None) -> Found:
        """The answers to statements of our own; raises what `run` raises, and QueryOverBudget where
        one of them has more than query.max_rows rows."""
        return self._read(lambda: self._snapshot_of(reads), lambda _: [reads], cancellation)[0]

    def read_chosen(
        self, choose: Choose, tenant: str = DEFAULT_TENANT, cancellation: Cancellation | None = None
    ) -> Sequence[Found]:
        """As `read`, of what `choose` wants of the snapshot that it is shown: of one without a
        worker first, and where it wants something, of the one that is then read."""
        with self._part(tenant, None) as snapshot:
            if not choose(snapshot):
                return []
        return self._read(lambda: self._part(tenant, None), choose, cancellation)

    def _counted(self, work: Callable[[], _Answer]) -> _Answer:
        started_s = self._clock.monotonic_s()
        outcome = "failed"
        try:
            answer = work()
            outcome = "ok"
            return answer
        except GoldeneyeError as error:
            outcome = _OUTCOMES.get(type(error), "failed")
            raise
        finally:
            QUERIES.labels(outcome).inc()
            QUERY_SECONDS.observe(self._clock.monotonic_s() - started_s)

    def now_ns(self) -> int:
        """The instant that `now` means in a question asked now."""
        return self._clock.now_ns()

    def monotonic_s(self) -> float:
        """A clock for durations."""
        return self._clock.monotonic_s()

    @property
    def timeout_s(self) -> float:
        """How long a question may take."""
        return self._settings.timeout_s

    def rows_within(
        self, table: str, start_ns: int | None, end_ns: int | None, tenant: str = DEFAULT_TENANT
    ) -> int:
        """The rows of the table's files and hot chunks that may have some of these times."""
        last_ns = None if end_ns is None else end_ns - 1
        with self._source.snapshot(tenant) as snapshot:
            files = snapshot.files_within(table, start_ns, last_ns)
            hot = chunks_within(snapshot, table, start_ns, last_ns)
            return sum(file.row_count for file in files) + sum(chunk.row_count for chunk in hot)

    def files(
        self, table: str, start_ns: int | None, end_ns: int | None, tenant: str = DEFAULT_TENANT
    ) -> Sequence[FileEntry]:
        """The table's files that may have rows of these times."""
        with self._source.snapshot(tenant) as snapshot:
            return snapshot.files_within(table, start_ns, None if end_ns is None else end_ns - 1)

    def rows_of_times(
        self, table: str, start_ns: int | None, end_ns: int | None, tenant: str = DEFAULT_TENANT
    ) -> Sequence[RowsOfTime]:
        """Where the rows of the table's files are."""
        with self._source.snapshot(tenant) as snapshot:
            return rows_of_times(snapshot, table, start_ns, end_ns)

    def status(self) -> dict[str, Any]:
        """For /api/v1/status."""
        return {
            "workers": {"configured": self._settings.workers, **self._pool.status()},
            "sandbox": self._pool.protection,
            "limits": {
                "memory_limit_mib": self._settings.memory_limit_bytes // limits.MIB,
                "timeout_s": self._settings.timeout_s,
                "max_rows": self._settings.max_rows,
                "threads": self._settings.threads,
            },
        }

    def close(self) -> None:
        """End all queries and workers."""
        self._pool.close()

    def carry_out(
        self, message: Mapping[str, Any], tenant: str, cancellation: Cancellation
    ) -> tuple[bytes, Sequence[str]]:
        """What a worker answers to a message that is understood first, then answered; and the
        files that are missing. Raises what `run` raises, and PromqlError."""

        def work() -> tuple[bytes, Sequence[str]]:
            facts, fd = self._two_steps(message, lambda: self._part(tenant, None), cancellation)
            try:
                return os.pread(fd, os.fstat(fd).st_size, 0), facts["missing_files"]
            finally:
                os.close(fd)

        return self._counted(work)

    def _run(self, query: SqlQuery, cancellation: Cancellation) -> SqlAnswer:
        message = self._message(query)
        facts, fd = self._two_steps(message, lambda: self._snapshot(query), cancellation)
        return SqlAnswer(query, fd, facts)

    def _two_steps(
        self,
        message: Mapping[str, Any],
        snapshot: Callable[[], Snapshot],
        cancellation: Cancellation,
    ) -> tuple[Mapping[str, Any], int]:
        """The facts of the answer, and the descriptor of its file."""
        fd = memory_file("goldeneye-answer")
        try:
            with (
                self._pool.worker(self._settings.longest_wait_s) as worker,
                cancellation.over(worker),
            ):
                facts = self._ask(
                    worker,
                    lambda until_s: self._ask_twice(worker, message, snapshot, fd, until_s),
                    cancellation,
                )
            if "error" in facts:
                raise failure(facts, self._settings)
            return facts, fd
        except BaseException:
            os.close(fd)
            raise

    def watch(
        self, table: str, arrived: Callable[[HotChunk], None], tenant: str = DEFAULT_TENANT
    ) -> AbstractContextManager[None]:
        """See goldeneye.snapshot.SnapshotSource."""
        return self._source.watch(tenant, table, arrived)

    def _snapshot(self, query: SqlQuery) -> Snapshot:
        if query.chunks is not None:
            return OnlyChunks(query.chunks)
        return self._part(query.tenant, query.part)

    def _part(self, tenant: str, part: Part | None) -> Snapshot:
        snapshot = self._source.snapshot(tenant)
        return snapshot if part is None else PartOfSnapshot(snapshot, part)

    def _snapshot_of(self, reads: Reads) -> Snapshot:
        whole, since_ns = self._part(reads.tenant, reads.part), reads.received_since_ns
        return whole if since_ns is None else ReceivedSince(whole, since_ns)

    def _message(self, query: SqlQuery) -> dict[str, Any]:
        most = self._settings.max_rows
        max_rows = most if query.max_rows is None else min(query.max_rows, most)
        return {
            "sql": checked(query.sql),
            "params": as_json(query.params),
            "start_ns": query.start_ns,
            "end_ns": query.end_ns,
            "now_ns": self._clock.now_ns() if query.now_ns is None else query.now_ns,
            "format": query.format,
            "max_rows": max_rows,
        }

    def _read(
        self,
        take_snapshot: Callable[[], Snapshot],
        choose: Choose,
        cancellation: Cancellation | None,
    ) -> Sequence[Found]:
        given_up = cancellation or Cancellation()
        return self._counted(lambda: self._read_once(take_snapshot, choose, given_up))

    def _read_once(
        self, take_snapshot: Callable[[], Snapshot], choose: Choose, cancellation: Cancellation
    ) -> Sequence[Found]:
        with (
            self._pool.worker(self._settings.longest_wait_s) as worker,
            cancellation.over(worker),
            take_snapshot() as snapshot,
        ):

            def ask(job: Mapping[str, Any], fds: Sequence[int]) -> Mapping[str, Any]:
                def once(until_s: float) -> Mapping[str, Any]:
                    reply: Mapping[str, Any] = worker.ask(job, fds, deadline_s=until_s)
                    return reply

                return self._ask(worker, once, cancellation)

            chosen = choose(snapshot)
            return [read_over(snapshot, reads, self._settings, ask) for reads in chosen]

    def _ask(
        self,
        worker: WorkerProcess,
        ask: Callable[[float], Mapping[str, Any]],
        cancellation: Cancellation,
    ) -> Mapping[str, Any]:
        """The worker's reply, which may be an error; `ask` is given the deadline."""
        worker.usable = False
        try:
            reply = ask(time.monotonic() + self._settings.timeout_s)
        except Late:
            raise over_time(self._settings) from None
        except WorkerDied as error:
            if cancellation.cancelled:
                raise QueryFailed(CANCELLED) from error
            if self._pool.closed:
                raise Unavailable(CLOSED) from error
            raise death(error, self._settings) from error
        worker.usable = reply.get("error") not in HARMFUL
        return reply

    def _ask_twice(
        self,
        worker: WorkerProcess,
        message: Mapping[str, Any],
        take_snapshot: Callable[[], Snapshot],
        fd: int,
        deadline_s: float,
    ) -> Mapping[str, Any]:
        """What it reads, then to run; the files and hot rows are the worker's while that runs."""
        plan: Mapping[str, Any] = worker.ask(message, deadline_s=deadline_s)
        if "error" in plan:
            return plan
        deadline_s = min(deadline_s, time.monotonic() + plan.get("timeout_s", math.inf))
        with take_snapshot() as snapshot:
            own = given(snapshot, plan["tables"])
            missing = own.missing_files
            job = {"tables": own.tables, "files_read": own.file_count, "missing_files": missing}
            reply: Mapping[str, Any] = worker.ask(job, [fd, *own.hot_fds], deadline_s=deadline_s)
        return {"missing_files": missing, **reply}


_OUTCOMES: Final[Mapping[type[GoldeneyeError], str]] = {
    QueryRefused: "refused",
    QueryOverBudget: "over_budget",
    TooManyRows: "over_budget",
    QueryLate: "over_budget",
}
