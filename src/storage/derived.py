"""Tables that are made from the rows of others when these are written (docs/format.md)."""

from collections.abc import Iterator
from typing import Any, Final

import duckdb
import pyarrow as pa
import structlog

from goldeneye.limits import DERIVATION_MEMORY_BYTES
from goldeneye.schemas import DERIVED_FROM, PromotedKeys, table
from goldeneye.sql_files import sql
from goldeneye.telemetry import UNDERIVED_ROWS
from storage.book import Tables

log = structlog.get_logger(__name__)
# Beside a flush's derived rows, a column that never reaches a file: when the last of the rows that
# they are made of was received.
RECEIVED: Final = "received_time"
# The order of rows in files, by which their columns compress and row groups are left out.
ORDER: Final = {
    "span_rollups": "minute, service_name, name, kind, status_code, is_root, bucket",
    "trace_parts": "start_time, trace_id",
}
# What the SQL reads: other columns are not shown to it.
_READ: Final = [
    *("trace_id", "span_id", "parent_span_id", "trace_state", "service_name", "name", "kind"),
    *("start_time", "end_time", "duration_ns", "status_code", "received_time"),
]
# So few rows are not divided further where DuckDB cannot take them.
_FEW_ROWS: Final = 256


class Deriver:
    """Runs the SQL of derived tables."""

    def __init__(self, memory_bytes: int = DERIVATION_MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes

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
        schema = table(name, PromotedKeys()).append(pa.field(RECEIVED, pa.timestamp("ns")))
        parts = [found.cast(schema) for found in self._parts(name, rows.select(_READ))]
        return pa.concat_tables([schema.empty_table(), *parts]).combine_chunks()

    def _parts(self, name: str, rows: pa.Table) -> Iterator[pa.Table]:
        with self._opened() as connection:
            try:
                found = _query(connection, name, rows)
            except (duckdb.Error, pa.ArrowException, MemoryError) as error:
                fault = str(error)
            else:
                yield found
                return
        # In another database: after some errors one takes no further statement.
        if rows.num_rows > _FEW_ROWS:
            half = rows.num_rows // 2
            yield from self._parts(name, rows.slice(0, half))
            yield from self._parts(name, rows.slice(half))
        else:
            UNDERIVED_ROWS.labels(name).inc(rows.num_rows)
            log.error("rows are left out", table=name, rows=rows.num_rows, error=fault)

    def _opened(self) -> duckdb.DuckDBPyConnection:
        """Apart from the statements: that it cannot be opened is no fault of any rows."""
        try:
            return database(self._memory_bytes)
        except duckdb.Error as error:
            raise MemoryError(f"DuckDB cannot be opened: {error}") from error


def _query(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> pa.Table:
    connection.execute("CREATE SCHEMA hot")
    # It takes the parts of a qualified name, which its signature does not say.
    source: Any = ("hot", DERIVED_FROM[name])
    connection.from_arrow(rows).create_view(source)
    derived = sql("goldeneye", name)
    ordered = connection.sql(f"SELECT * FROM ({derived}) ORDER BY {ORDER[name]}")
    found: pa.Table = ordered.to_arrow_table()
    return found


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
