"""What must hold of a snapshot: one function a table."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.simulation.model import Expected

from goldeneye.clock import DAY_NS
from storage.tenant_snapshot import TenantSnapshot

NUMBER = {
    "spans": "attributes.shop.number",
    "logs": "attributes.shop.number",
    "metric_points": "value_int",
}


class Seen:
    """What a snapshot shows, read when it is asked for."""

    def __init__(self, snapshot: TenantSnapshot) -> None:
        self._snapshot = snapshot

    def in_files(self, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
        return [
            row
            for entry in self._snapshot.files
            if entry.table == table
            for row in _tuples(pq.ParquetFile(Path(entry.path)).read(columns), columns)
        ]

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
    """Times as nanoseconds, days counted from the epoch."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    found: list[Any] = column.to_pylist()
    return found


def rows_once(table: str, seen: Seen, expected: Expected) -> Iterator[str]:
    """Every row that must be there is, and none twice."""
    counts = Counter(number for (number,) in seen.everywhere(table, [NUMBER[table]]))
    bounds = expected.bounds[table]
    for number, (low, high) in bounds.items():
        if not low <= counts[number] <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            yield f"{table}: row {number} is there {counts[number]} times instead of {wanted}"
    for number in counts.keys() - bounds.keys():
        yield f"{table}: row {number} was never sent"
    for of_table, numbers in expected.whole:
        there = [number for number in numbers if counts[number]]
        if of_table == table and there and there != numbers:
            yield f"{table}: of the request with rows {numbers} only {there} are there"


def series_of_points(seen: Seen, expected: Expected) -> Iterator[str]:
    """Every point has its series, and files say each series once a day."""
    columns = ["series_id", "day"]
    in_files = Counter(seen.in_files("metric_series", columns))
    for (series_id, day), count in in_files.items():
        if count > 1:
            yield f"metric_series: series {series_id} of day {day} is in files {count} times"
    known = {*in_files, *seen.hot("metric_series", columns)}
    for series_id, time_ns, number in seen.everywhere(
        "metric_points", ["series_id", "time", "value_int"]
    ):
        if (series_id, time_ns // DAY_NS) not in known:
            yield f"metric_series: point {number} lacks its series {series_id}"


Check = Callable[[Seen, Expected], Iterator[str]]
CHECKS: Mapping[str, Check] = {
    **{table: partial(rows_once, table) for table in NUMBER},
    "metric_series": series_of_points,
}


def problems_of(seen: Seen, expected: Expected) -> list[str]:
    return [problem for check in CHECKS.values() for problem in check(seen, expected)]
