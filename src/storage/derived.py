"""Tables that are made from the rows of others when these are written (docs/format.md)."""

import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final

import duckdb
import pyarrow as pa
import structlog

from goldeneye.limits import DERIVATION_MEMORY_BYTES
from goldeneye.schemas import DERIVED_FROM, PromotedKeys, table
from goldeneye.sql_files import sql
from goldeneye.telemetry import UNDERIVED_ROWS
from storage.book import Tables
from storage.codes import Codes

log = structlog.get_logger(__name__)
# Beside a flush's derived rows, a column that never reaches a file: when the last of the rows that
# they are made of was received.
RECEIVED: Final = "received_time"
# What is read: other columns are not shown to the SQL.
READ: Final = [
    *("trace_id", "span_id", "parent_span_id", "trace_state", "service_name", "name", "kind"),
    *("start_time", "end_time", "duration_ns", "status_code", "received_time"),
]
# Columns that the SQL only groups and compares, and under which names it gives them back.
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "span_rollups": {name: name for name in ("service_name", "name", "kind", "status_code")},
    "trace_parts": {
        "trace_id": "trace_id",
        "root_service_name": "service_name",
        "root_name": "name",
        "services": "service_name",
    },
}
# So many are one vector for DuckDB: where it cannot take them, it can take nothing.
_FEW_ROWS: Final = 2_048


class Deriver:
    """Runs the SQL of derived tables; used by one thread at a time."""

    def __init__(self, memory_bytes: int = DERIVATION_MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._database = self._opened()

    def derived(self, tables: Tables) -> Tables:
        """The tables derived from a generation's.

        Never raises for what rows hold: those that DuckDB cannot take together are taken in
        halves, since partial rows add up; what it cannot take at all is left out, and counted.
        Raises MemoryError.
        """
        return {
            (tenant, name): (self._rows(name, rows), frozenset())
            for name, source in DERIVED_FROM.items()
            for (tenant, given), (rows, _) in tables.items()
            if given == source
        }

    def _rows(self, name: str, rows: pa.Table) -> pa.Table:
        words = _WORDS[name]
        codes = {column: Codes.of(rows.column(column)) for column in {*words.values()}}
        numbered = _replaced(
            rows.select(READ), {column: one.numbers for column, one in codes.items()}
        )
        found = [part for part in self._parts(name, numbered) if part.num_rows]
        if not found:
            return empty(name)
        together = pa.concat_tables(found)
        named = {
            column: codes[source].named(together.column(column)) for column, source in words.items()
        }
        return _replaced(together, named).select(empty(name).column_names)

    def _parts(self, name: str, rows: pa.Table) -> Iterator[pa.Table]:
        try:
            found = _query(self._database, name, rows)
        except (duckdb.Error, pa.ArrowException, MemoryError) as error:
            # After some errors a database takes no further statement.
            self._database.close()
            self._database = self._opened()
            yield from self._halves(name, rows, error)
        else:
            yield found

    def _halves(self, name: str, rows: pa.Table, error: Exception) -> Iterator[pa.Table]:
        if rows.num_rows <= _FEW_ROWS:
            UNDERIVED_ROWS.labels(name).inc(rows.num_rows)
            log.error("rows are left out", table=name, rows=rows.num_rows, error=str(error))
            return
        half = rows.num_rows // 2
        yield from self._parts(name, rows.slice(0, half))
        yield from self._parts(name, rows.slice(half))

    def _opened(self) -> duckdb.DuckDBPyConnection:
        """Apart from the statements: that it cannot be opened is no fault of any rows."""
        try:
            opened = database(self._memory_bytes)
            opened.execute("CREATE SCHEMA hot")
        except duckdb.Error as error:
            raise MemoryError(f"DuckDB cannot be opened: {error}") from error
        # Before the interpreter ends, or the module complains that it is still there.
        weakref.finalize(self, opened.close)
        return opened


def empty(name: str) -> pa.Table:
    """No rows of a derived table."""
    schema = table(name, PromotedKeys()).append(pa.field(RECEIVED, pa.timestamp("ns")))
    return schema.empty_table()


def _query(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> pa.Table:
    # It takes the parts of a qualified name, which its signature does not say.
    source: Any = ("hot", DERIVED_FROM[name])
    with connection.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION")  # The view, and with it the rows, go with it.
        cursor.from_arrow(rows).create_view(source)
        found: pa.Table = cursor.sql(sql("goldeneye", name)).to_arrow_table()
        cursor.execute("ROLLBACK")
    return found


def _replaced(rows: pa.Table, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    for name, column in columns.items():
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def database(memory_bytes: int) -> duckdb.DuckDBPyConnection:
    """An empty database in bounded memory, which touches neither disk nor network."""
    opened = duckdb.connect(
        config={
            "threads": "1",
            "async_threads": "0",
            "memory_limit": f"{memory_bytes}B",
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
    )
    opened.execute("SET GLOBAL enable_external_access = false")
    return opened
