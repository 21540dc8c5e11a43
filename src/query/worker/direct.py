"""Statements of our own, run over exactly the tables and columns that they name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO, Final, NamedTuple

import duckdb
import pyarrow as pa

from goldeneye.schemas import DERIVED_FROM
from query.worker.constants import KnownConstants
from query.worker.hours import hours_rolled_up
from query.worker.sources import Sources, TableRows, named
from query.worker.views import Views

_BATCH_ROWS: Final = 20_480


def with_sources(tables: Iterable[str]) -> set[str]:
    """The tables, and those that their hot rows are made from."""
    return {one for table in tables for one in (table, DERIVED_FROM.get(table, table))}


class _Parameters(Sources):
    """Files and times as parameters of the statement: neither variables nor views are made."""

    def bind(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Mapping[str, TableRows],
        start_ns: int | None,
        end_ns: int | None,
    ) -> None:
        for table, own in rows.items():
            if own.hot is not None:
                connection.from_arrow(own.hot).create_view(named(table))

    def files(self, table: str, number: int) -> str:
        return f"read_parquet(${table}_{number})"

    def time(self, bound: str) -> str:
        return f"${bound}"


class Asked(NamedTuple):
    """Rows from `start_ns` to before `end_ns`, at most so many."""

    start_ns: int | None
    end_ns: int | None
    max_rows: int


class Direct:
    """Runs the statements of one job, within a transaction of the connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        views: Views,
        rows: Mapping[str, TableRows],
        constants: KnownConstants,
    ) -> None:
        self._connection = connection
        self._constants = constants
        self._views = views
        self._rows = rows
        self._sources = _Parameters()
        self._sources.bind(connection, rows, None, None)

    def write(self, statement: Mapping[str, Any], asked: Asked, file: BinaryIO) -> bool:
        """The rows as an Arrow IPC stream; whether there were more than `max_rows`, and then
        not all of them are written."""
        if statement["only_selects"] and not any(map(self._has_rows, statement["tables"])):
            with pa.ipc.new_stream(file, pa.schema([])):
                return False
        reader = self._batches(statement, self._rows, asked)
        most = statement["most"]
        bounded = most is not None and most <= asked.max_rows
        left = most if bounded else asked.max_rows
        with reader, pa.ipc.new_stream(file, reader.schema) as writer:
            for batch in reader:
                if batch.num_rows > left and not bounded:
                    return True
                writer.write_batch(batch.slice(0, left))
                left -= min(left, batch.num_rows)
                if left == 0 and bounded:
                    break
        return False

    def batches(self, statement: Mapping[str, Any], asked: Asked) -> Any:
        """A reader of the rows, of which there may be more than `max_rows`; files that have none
        of these times are not opened."""
        times_ns = asked.start_ns, asked.end_ns
        rows = {table: self.rows(table, times_ns) for table in with_sources(statement["tables"])}
        return self._batches(statement, rows, asked)

    def rows(self, table: str, times_ns: tuple[int | None, int | None]) -> TableRows:
        """Those of the table that may be of these times, from the first to before the second."""
        start_ns, end_ns = times_ns
        return self._rows[table].within(start_ns, None if end_ns is None else end_ns - 1)

    def hours_rolled_up(self) -> Collection[int]:
        """See query.prometheus.reader.Reader."""
        return hours_rolled_up(self._rows)

    def _batches(
        self, statement: Mapping[str, Any], rows: Mapping[str, TableRows], asked: Asked
    ) -> Any:
        sql, params = self._whole(statement, rows, (asked.start_ns, asked.end_ns))
        return self._connection.execute(sql, params).to_arrow_reader(_BATCH_ROWS)

    def _has_rows(self, table: str) -> bool:
        own = self._rows[table]
        return bool(own.groups) or own.hot is not None

    def _whole(
        self,
        statement: Mapping[str, Any],
        rows: Mapping[str, TableRows],
        times_ns: tuple[int | None, int | None],
    ) -> tuple[str, dict[str, Any]]:
        """The statement with its tables before it, and all of its parameters."""
        asked: Mapping[str, Sequence[str] | None] = statement["tables"]
        select = partial(
            self._views.select,
            rows=rows,
            sources=self._sources,
            times_ns=times_ns,
            constants=self._constants.common,
            by_piece=statement["by_piece"],
        )
        tables = [
            f"{table} AS NOT MATERIALIZED ({select(table, names=names)})"
            for table, names in asked.items()
        ]
        params = dict(statement["params"])
        for table in asked:
            for number, group in enumerate(rows[table].groups):
                params[f"{table}_{number}"] = list(group.paths)
        text = f"WITH {', '.join(tables)} ({statement['sql']})"
        for name, at_ns in zip(("start_ns", "end_ns"), times_ns, strict=True):
            if at_ns is not None and f"${name}" in text:
                params[name] = at_ns
        return text, params
