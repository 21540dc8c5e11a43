"""What a snapshot shows of the tables, in files and in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.simulation.requests import NUMBER

from storage.tenant_snapshot import TenantSnapshot


class Seen:
    """What a snapshot shows, read when it is asked for: times as nanoseconds, days as numbers."""

    def __init__(self, snapshot: TenantSnapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}

    def in_files(self, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
        key = (table, *columns)
        if key not in self._read:
            self._read[key] = [
                row
                for entry in self._snapshot.files
                if entry.table == table
                for row in _tuples(pq.ParquetFile(Path(entry.path)).read(columns), columns)
            ]
        return self._read[key]

    def hot(self, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
        return [
            row
            for chunk in self._snapshot.hot
            if chunk.table == table
            for row in _tuples(chunk.rows, columns)
        ]

    def everywhere(self, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
        return self.in_files(table, columns) + self.hot(table, columns)

    def numbers(self) -> dict[str, list[int]]:
        """Of every table whose rows are numbered."""
        return {
            table: [number for (number,) in self.everywhere(table, [column])]
            for table, column in NUMBER.items()
        }


def _tuples(rows: pa.Table, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(_values(rows.column(name)) for name in columns), strict=True)


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    found: list[Any] = column.to_pylist()
    return found
