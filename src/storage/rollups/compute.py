"""Rollups of some hours, by DuckDB in bounded memory: as many passes as their series need."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from goldeneye.limits import MIB
from goldeneye.schemas import PromotedKeys, table
from goldeneye.sql_files import sql
from storage.rollups.task import Task

SCHEMA: Final = table("metric_rollups", PromotedKeys())
HOUR_S: Final = 3600
# The longest first: who asks for a long time reads the first row groups only.
PERIODS_S: Final = (HOUR_S, 300)
# Of exponential histograms, a side has fewer buckets than twice 2 to this.
BUCKET_BITS: Final = 11
_MEMORY_BYTES: Final = 512 * MIB
# Points of a pass: about what fits into that, so that little is spilled.
_PASS_POINTS: Final = 1_000_000
_MAX_PASSES: Final = 1 << 16
# A row group is six of them.
_BATCH_ROWS: Final = 10_240
_IDS: Final = 1 << 64


class Rollups:
    """Used by one thread; what does not fit into memory goes to files in `spill`."""

    def __init__(self, task: Task, spill: Path) -> None:
        self._task = task
        self._connection = duckdb.connect(
            config={
                "memory_limit": f"{_MEMORY_BYTES}B",
                "threads": "1",
                "temp_directory": str(spill),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        self._connection.execute(_sql("rollup_setup"))

    def close(self) -> None:
        """Delete what was spilled."""
        self._connection.close()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of the new file. Raises OSError where files, memory or disk do not allow it."""
        try:
            yield from self._all()
        except duckdb.Error as error:
            # The other lines show where in the SQL.
            raise OSError(str(error).partition("\n")[0]) from None

    def _all(self) -> Iterator[pa.RecordBatch]:
        if self._task.hours:
            self._compute()
        for period_s in PERIODS_S:
            if self._task.old:
                told = {"old": self._task.old, "hours": self._kept_out(), "period_s": period_s}
                yield from self._read("rollup_kept", told)
            if self._task.hours:
                yield from self._read("rollup_new", {"period_s": period_s})

    def _compute(self) -> None:
        """Fill the table `rollups`."""
        self._after_ns, count = self._what_to_read()
        passes = -(-count // _PASS_POINTS)
        while True:
            try:
                self._connection.from_arrow(SCHEMA.empty_table()).create("rollups")
                for low, high in _ranges(passes):
                    self._pass(low, high)
                return
            except duckdb.OutOfMemoryException:
                # Few series have most points, or points have many buckets.
                if passes >= _MAX_PASSES:
                    raise
                self._connection.execute("DROP TABLE IF EXISTS rollups")
                passes *= 4

    def _what_to_read(self) -> tuple[int, int]:
        """After which time of receipt points are to be read, and how many there are.

        Where points of former rows are gone, these rows stay, and later ones get rows of their own.
        """
        counted, until_ns = 0, -1
        if self._task.old:
            former = {"old": self._task.old, "hours": self._task.hours}
            ((counted, until_ns),) = self._execute("rollup_counted", former).fetchall()
        there = {**self._points, "until_ns": until_ns}
        ((present, received_by_then),) = self._execute("rollup_present", there).fetchall()
        self._is_late = received_by_then < counted
        return until_ns if self._is_late else -1, present

    def _kept_out(self) -> Sequence[int]:
        return () if self._task.hours and self._is_late else self._task.hours

    @property
    def _points(self) -> dict[str, Any]:
        return {"points": self._task.points, "hours": self._task.hours}

    def _pass(self, low: int, high: int) -> None:
        ids = {"low": low, "high": high}
        day = self._task.partition.date
        if self._task.series:
            self._execute("rollup_series", {"series": self._task.series, "day": day, **ids})
        else:
            self._execute("rollup_no_series", {})
        points = {**self._points, "after_ns": self._after_ns, **ids}
        self._execute("rollup_numbers_read", points)
        self._execute("rollup_histograms_read", points)
        has_histograms = bool(self._connection.table("histograms").limit(1).fetchall())
        for period_s in PERIODS_S:
            period = {"period_s": period_s}
            self._execute("rollup_numbers", period)
            if not has_histograms:
                continue
            self._execute("rollup_histogram_runs", period)
            self._execute("rollup_histogram_buckets", {"bucket_bits": BUCKET_BITS})
            self._execute("rollup_histograms", period)

    def _execute(self, name: str, told: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(_sql(name), _values(told))

    def _read(self, name: str, told: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        rows = self._connection.sql(_sql(name), params=_values(told))
        for batch in rows.to_arrow_reader(_BATCH_ROWS):
            columns = [_column(batch, field) for field in SCHEMA]
            yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    """Rollups that are older than a column do not have it."""
    if field.name not in batch.schema.names:
        return pa.nulls(batch.num_rows, field.type)
    return batch.column(field.name).cast(field.type)


def _ranges(passes: int) -> Iterator[tuple[int, int]]:
    """Ids of series, both ends included. They are hashes, so that each range has as many."""
    for number in range(passes):
        yield _IDS * number // passes, _IDS * (number + 1) // passes - 1


def _values(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}


def _sql(name: str) -> str:
    return sql("storage", name)
