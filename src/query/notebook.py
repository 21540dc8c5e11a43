"""A DuckDB connection of one's own over a snapshot, with the tables that SQL sees.

Nothing is rewritten here: `attributes->>'key'` is right and slow, `"attributes.key"` is quick.
"""

from collections.abc import Mapping

import duckdb

from goldeneye import schemas
from goldeneye.snapshot import Snapshot
from query.job import given
from query.worker.session import rows_of
from query.worker.sources import HOT_SCHEMA, Sources, TableRows, named
from query.worker.views import Views


class _Lasting(Sources):
    """As tables and views of the database, for all its cursors, as long as it is open."""

    def __init__(self, start_ns: int | None, end_ns: int | None) -> None:
        self._times = {"start_ns": start_ns, "end_ns": end_ns}

    def bind(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Mapping[str, TableRows],
        start_ns: int | None,
        end_ns: int | None,
    ) -> None:
        for table, own in rows.items():
            for number, group in enumerate(own.groups):
                files = connection.read_parquet(list(group.paths))
                files.create_view(named(f"{table}_{number}"))
            if own.hot is not None:
                connection.from_arrow(own.hot).create_view(named("rows"))
                connection.execute(f"CREATE TABLE {HOT_SCHEMA}.{table} AS FROM {HOT_SCHEMA}.rows")
                connection.execute(f"DROP VIEW {HOT_SCHEMA}.rows")

    def files(self, table: str, number: int) -> str:
        return f"{HOT_SCHEMA}.{table}_{number}"

    def time(self, bound: str) -> str:
        return str(self._times[bound])


def connection(
    snapshot: Snapshot,
    promoted: schemas.PromotedKeys,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """The tables have the rows from `start_ns` (inclusive) to `end_ns` (exclusive).

    Hot rows are copied; files are read when they are asked for. Raises DataDamaged.
    """
    plan = dict.fromkeys(
        schemas.STORED_TABLES, (start_ns, None if end_ns is None else end_ns - 1, None)
    )
    tables, fds, *_ = given(snapshot, plan)
    database = duckdb.connect()
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    views = Views(database, promoted, _Lasting(start_ns, end_ns))
    views.create_empty(database)
    views.create(database, rows_of(tables, fds), start_ns, end_ns, None)
    return database
