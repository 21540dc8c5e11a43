"""What views are made over: files and hot rows, bound to one connection or to the database."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import duckdb
import pyarrow as pa

# Away from the tables, so that SHOW TABLES does not list it.
HOT_SCHEMA: Final = "hot"
# The column of which file or hot chunk a row is of (query.reads.Statement.by_piece).
PIECE: Final = "piece"
Columns = Mapping[str, str]  # name -> DuckDB type


class FileGroup(NamedTuple):
    """Files that have the same columns, written when the same ones were promoted.

    `times` are the first and last partition time (ns) of each, `segments` as in FileEntry.
    """

    columns: Columns
    promotion: str
    paths: Sequence[str]
    times: Sequence[tuple[int, int]] = ()
    segments: Sequence[int] = ()

    def within(self, min_ns: int | None, max_ns: int | None) -> "FileGroup":
        """Only the files that may have rows of these times, both ends included."""
        kept = [
            number
            for number, (first, last) in enumerate(self.times)
            if (max_ns is None or first <= max_ns) and (min_ns is None or last >= min_ns)
        ]
        return self._replace(
            paths=[self.paths[number] for number in kept],
            times=[self.times[number] for number in kept],
            segments=[self.segments[number] for number in kept],
        )


class TableRows(NamedTuple):
    """What a stored table consists of for one query."""

    groups: Sequence[FileGroup]
    hot: pa.Table | None

    def within(self, min_ns: int | None, max_ns: int | None) -> "TableRows":
        """With only the files that may have rows of these times, both ends included."""
        groups = [group.within(min_ns, max_ns) for group in self.groups]
        return self._replace(groups=[group for group in groups if group.paths])


class Sources:
    """As variables of the connection, which the views ask for by `getvariable`."""

    def bind(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Mapping[str, TableRows],
        start_ns: int | None,
        end_ns: int | None,
    ) -> None:
        """Make what `files` and `time` name; the hot rows become tables of HOT_SCHEMA."""
        for bound, at_ns in (("start_ns", start_ns), ("end_ns", end_ns)):
            if at_ns is not None:
                _bind(connection, bound, at_ns)
        for table, own in rows.items():
            for number, group in enumerate(own.groups):
                _bind(connection, f"{table}_{number}", list(group.paths))
            if own.hot is not None:
                connection.from_arrow(own.hot).create_view(named(table))

    def files(self, table: str, number: int) -> str:
        """What SQL reads a group of files from."""
        return f"read_parquet(getvariable('{table}_{number}'))"

    def time(self, bound: str) -> str:
        """The number of nanoseconds `start_ns` or `end_ns`, in SQL."""
        return f"getvariable('{bound}')"


def named(table: str) -> Any:
    """The parts of a qualified name, which DuckDB's signatures do not say that it takes."""
    return (HOT_SCHEMA, table)


def _bind(connection: duckdb.DuckDBPyConnection, variable: str, value: object) -> None:
    connection.execute(f"SET VARIABLE {variable} = (SELECT $1)", [value])
