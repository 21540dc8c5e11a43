"""A worker's DuckDB: locked down once, then one query after the other, each on a clean slate."""

import mmap
import os
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import duckdb
import numpy as np
import pyarrow as pa

from goldeneye import schemas
from goldeneye.errors import QueryRefused
from query.analysis.check import check
from query.analysis.rewrite import rewrite
from query.analysis.statement import parse
from query.analysis.time_range import TimeRange, Wanted, wanted_of_stored, wanted_rows
from query.tables import READS
from query.worker.answers import WRITERS
from query.worker.answers.rows import Rows
from query.worker.asked import asked_columns
from query.worker.by_trace import ByTrace
from query.worker.constants import KnownConstants
from query.worker.direct import Asked, Direct
from query.worker.letters import write_letters
from query.worker.promql import PromqlWorker
from query.worker.sources import PIECE, FileGroup, TableRows
from query.worker.views import Views, text

_CONFIGURATION: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "allow_persistent_secrets": "false",
    "default_secret_storage": "memory",
    "temp_directory": "",
    # Its threads for reading ahead start with the connection, so before the sandbox.
    "async_threads": "0",
}

_LOCK: Final = text("settings")


class Session:
    """Runs queries; used by one thread: `prepare`, `run`, `end` for each."""

    def __init__(self, memory_limit_bytes: int, promoted: schemas.PromotedKeys) -> None:
        """Starts no thread, and may still do everything: `lock` comes before any user's SQL."""
        sizes = {"memory_limit": f"{memory_limit_bytes}B", "threads": "1"}
        self._database = duckdb.connect(config={**_CONFIGURATION, **sizes})
        self._views = Views(self._database, promoted)
        self._views.create_empty(self._database)
        self._connection = self._database.cursor()
        self._unchecked = False
        self._constants = KnownConstants()
        self._by_trace = ByTrace(promoted)
        self._promql = PromqlWorker(memory_limit_bytes)

    def lock(self, files_dir: Path, threads: int, unchecked: bool) -> None:
        """From now on it reads files below that folder only, and no setting can be changed.

        `unchecked` leaves the analysis out, for the proof that the sandbox holds alone.
        """
        self._unchecked = unchecked
        self._database.execute("SET GLOBAL threads = $1", [threads])
        self._by_trace.use(threads)
        self._database.execute("SET GLOBAL allowed_directories = [$1]", [f"{files_dir}/"])
        self._database.execute(_LOCK)

    def prepare(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The stored tables that the query reads, each with the times and traces that matter.

        Raises QueryRefused, QueryFailed.
        """
        if self._unchecked:
            return {"tables": dict.fromkeys(schemas.STORED_TABLES, (None, None, None))}
        try:
            check(self._connection, query["sql"], READS.keys())
        except ValueError as error:
            # DuckDB's Python API has no name for some kinds of statements (UPDATE EXTENSIONS).
            raise QueryRefused(f"only statements that read may run here: {error}") from error
        views = wanted_rows(
            self._connection,
            query["sql"],
            query["params"],
            self._views.columns({}),
            query["now_ns"],
        )
        end_ns = query["end_ns"]
        asked = TimeRange(query["start_ns"], end_ns and end_ns - 1)
        within = {view: own.within(Wanted(asked)) for view, own in views.items()}
        tables = wanted_of_stored(within, READS)
        return {"tables": {table: own.as_plan() for table, own in tables.items()}}

    def run(self, job: Mapping[str, Any], hot: Sequence[int], file: BinaryIO) -> dict[str, Any]:
        """Write the answer to the file; `hot` are the descriptors of all hot chunks, in order."""
        started_s = time.perf_counter()
        rows = rows_of(job["tables"], hot)
        self._connection.execute("BEGIN TRANSACTION")
        sql, params = self._rewritten(job, rows)
        query = self._bound(sql, params, job, rows)
        answer = Rows(query, self._database.cursor(), job["max_rows"])

        def facts() -> dict[str, Any]:
            elapsed_ms = (time.perf_counter() - started_s) * 1e3
            said = {name: job[name] for name in ("files_read", "missing_files")}
            return {"elapsed_ms": round(elapsed_ms, 3), **said}

        WRITERS[job["format"]](answer, file, facts)
        file.flush()
        return {"row_count": answer.row_count, "truncated": answer.truncated, **facts()}

    def read(self, job: Mapping[str, Any], hot: Sequence[int], file: BinaryIO) -> dict[str, Any]:
        """Write the answers of our own statements to the file, one Arrow stream after the other.

        They are not looked at: users' SQL never comes this way.
        """
        self._connection.execute("BEGIN TRANSACTION")
        by_piece = any(statement["by_piece"] for statement in job["statements"])
        rows = rows_of(job["tables"], hot, by_piece)
        direct = Direct(self._connection, self._views, rows, self._constants)
        asked = Asked(job["start_ns"], job["end_ns"], job["max_rows"])
        truncated = [
            self._truncated(statement, direct, rows, asked, file) for statement in job["statements"]
        ]
        file.flush()
        return {"truncated": any(truncated)}

    def _truncated(
        self,
        statement: Mapping[str, Any],
        direct: Direct,
        rows: Mapping[str, TableRows],
        asked: Asked,
        file: BinaryIO,
    ) -> bool:
        """Whether the statement has more rows than it may; writes its answer."""
        if statement["letters"]:
            write_letters(direct.batches(statement, asked), file)
            return False
        if self._by_trace.write(statement, rows, asked.max_rows, file):
            return False
        return direct.write(statement, asked, file)

    def prepare_promql(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """As `prepare`, of a question of Prometheus's API. Raises PromqlError."""
        return self._promql.prepare(query)

    def answer_promql(
        self, job: Mapping[str, Any], hot: Sequence[int], file: BinaryIO
    ) -> dict[str, Any]:
        """Write the answer to the question prepared last to the file. Raises PromqlError."""
        self._connection.execute("BEGIN TRANSACTION")
        rows = rows_of(job["tables"], hot)
        direct = Direct(self._connection, self._views, rows, self._constants)
        file.write(self._promql.answer(direct, len(job["missing_files"])))
        file.flush()
        return {}

    def end(self) -> None:
        """Forget the query: its views, variables, prepared statements and rows."""
        self._connection.close()
        self._connection = self._database.cursor()
        self._constants.look()

    def _bound(
        self, sql: str, params: Any, job: Mapping[str, Any], rows: Mapping[str, TableRows]
    ) -> duckdb.DuckDBPyRelation:
        """The query over its views; it begins to run when it is read."""
        asked = None if self._unchecked else asked_columns(parse(self._connection, sql).root)
        self._views.create(self._connection, rows, job["start_ns"], job["end_ns"], asked)
        try:
            query = self._connection.sql(sql, params=params)
        except duckdb.BinderException:
            if asked is None:
                raise
            # For the error's sake, which names columns that were perhaps meant.
            self._views.create(self._connection, rows, job["start_ns"], job["end_ns"], None)
            query = self._connection.sql(sql, params=params)
        if query is None:
            raise duckdb.InvalidInputException("the statement has no result")
        return query

    def _rewritten(self, job: Mapping[str, Any], rows: Mapping[str, TableRows]) -> tuple[str, Any]:
        if self._unchecked:
            return job["sql"], job["params"]
        columns = self._views.columns(rows)
        strays = {
            table: frozenset(own["strays"]) | self._views.unpromoted(table, rows[table])
            for table, own in job["tables"].items()
        }
        strays["metrics"] = strays.get("metric_series", frozenset())
        rewritten = rewrite(
            self._connection, job["sql"], job["params"], columns, strays, job["now_ns"]
        )
        return rewritten.sql, rewritten.params


def rows_of(
    tables: Mapping[str, Any], hot: Sequence[int], by_piece: bool = False
) -> dict[str, TableRows]:
    """What query.job.given gave; hot rows say `by_piece` which piece they are of."""
    rows, start = {}, 0
    for table, own in tables.items():
        groups = [
            FileGroup(
                dict(group["columns"]),
                group["promotion"],
                group["paths"],
                group["times"],
                group["segments"],
            )
            for group in own["groups"]
        ]
        fds = hot[start : start + own["hot"]]
        start += own["hot"]
        mapped = [_mapped(fd) for fd in fds]
        if by_piece:
            first = sum(len(group.paths) for group in groups)
            mapped = [_numbered(own, first + number) for number, own in enumerate(mapped)]
        joined = pa.concat_tables(mapped, promote_options="default") if fds else None
        rows[table] = TableRows(groups, joined)
    return rows


def _mapped(fd: int) -> pa.Table:
    """The rows of a hot chunk, read where they are."""
    pages = mmap.mmap(fd, os.fstat(fd).st_size, prot=mmap.PROT_READ)
    return pa.ipc.open_stream(pa.py_buffer(pages)).read_all()


def _numbered(rows: pa.Table, number: int) -> pa.Table:
    return rows.append_column(PIECE, pa.array(np.full(rows.num_rows, number, np.uint64)))


# It names a faster call, which has no parameters.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
