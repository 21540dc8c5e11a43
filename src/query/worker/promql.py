"""Questions of Prometheus's API, evaluated where the data is read."""

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import TooManyRows
from query.prometheus.prepared import Context, Prepared
from query.prometheus.registry import prepared
from query.prometheus.settings import PromqlSettings, settings_of
from query.prometheus.stored.plain_points import PlainPoints, together
from query.prometheus.stored.series import ids_by_sql
from query.prometheus.stored.series_ids import Ids, SeriesIds
from query.prometheus.stored.series_memory import SeriesMemory
from query.prometheus.stored.span import Bounds
from query.reads import Reads, Statement
from query.worker.direct import Asked, Direct
from query.worker.point_files import PointFiles
from query.worker.points_ahead import PointsAhead, nothing
from query.worker.series_files import SeriesFiles

_POINTS: Final = "metric_points"
_ARRIVAL: Final = "received_time"
# An evaluation looks at the time now and then; one that does not come to it is ended from outside.
_GRACE_S: Final = 0.25
# Of the memory of a query: labels of a million series by default.
_REMEMBERED_SHARE: Final = 3
# Ids of three million series of a day by default.
_FILES_SHARE: Final = 24
# Two million points of the last minutes by default.
_POINTS_SHARE: Final = 16
# What a sample takes while it is held, and some are looked at; and a cell of an intermediate result
# with the arrays that are made of it.
_BYTES_A_SAMPLE: Final = 60
_BYTES_A_CELL: Final = 32
# Where a statement says nothing else.
_MAX_ROWS: Final = limits.QUERY_MAX_SAMPLES


class PromqlWorker:
    """Prepares a question, then answers it; remembers labels of series for those to come."""

    def __init__(self, memory_bytes: int) -> None:
        self._part_samples = memory_bytes // _BYTES_A_SAMPLE
        self._max_cells = memory_bytes // _BYTES_A_CELL
        self._series = SeriesMemory(memory_bytes // _REMEMBERED_SHARE)
        self._files = SeriesFiles(memory_bytes // _FILES_SHARE)
        self._points = PointFiles(memory_bytes // _POINTS_SHARE)
        self._settings: PromqlSettings | None = None
        self._context: Context
        self._prepared: Prepared

    def prepare(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """What the question reads, and how long it may take. Raises PromqlError."""
        settings = settings_of(query["settings"])
        if settings != self._settings:
            # Labels are made by the settings.
            self._series.clear()
            self._settings = settings
        self._context = Context(settings, query["now_ns"], query["timeout_s"])
        self._prepared = prepared(query["promql"], query["given"], self._context)
        return {
            "tables": self._prepared.tables.plan(),
            "timeout_s": max(0.0, self._prepared.timeout_s) + _GRACE_S,
        }

    def answer(self, direct: Direct, missing_files: int) -> bytes:
        """The prepared question's answer. Raises PromqlError."""
        memories = self._series, self._files, self._points
        reader = _Reader(direct, self._context, *memories, missing_files, self._prepared)
        reader.part_samples = self._part_samples
        reader.max_cells = self._max_cells
        # Labels of many series are millions of objects, in no cycles, that it would look through.
        gc.disable()
        try:
            return self._prepared.answer(reader)
        finally:
            self._points.end()
            gc.enable()


class _Reader:
    """See query.prometheus.reader.Reader."""

    def __init__(
        self,
        direct: Direct,
        context: Context,
        series: SeriesMemory,
        files: SeriesFiles,
        points: PointFiles,
        missing_files: int,
        question: Prepared,
    ) -> None:
        self.promql = context.settings
        self.now_ns = context.now_ns
        self.series = series
        self.missing_files = missing_files
        self.part_samples = self.max_cells = 0
        self._direct = direct
        self._files = files
        self._points = points
        self._tables = question.tables
        self._ahead = PointsAhead([])
        self._ids: dict[Bounds, SeriesIds] = {}
        self._hours: Collection[int] | None = None

    def read(self, reads: Reads) -> Sequence[pa.Table]:
        most = _MAX_ROWS if reads.max_rows is None else reads.max_rows
        asked = Asked(reads.start_ns, reads.end_ns, most)
        return [self._table(statement, asked) for statement in reads.statements]

    def expect(self, parts: Sequence[Ids]) -> None:
        self._ahead = PointsAhead(parts if len(parts) > 1 else [])

    def points(
        self, ids: Ids, columns: Sequence[str], within: Bounds, max_rows: int
    ) -> PlainPoints | None:
        self._tables.demand((_POINTS,), within)
        rows = self._direct.rows(_POINTS, within)
        most = max(max_rows, self.part_samples)

        def read(some: Ids) -> Iterator[PlainPoints]:
            return self._points.points(rows, some, columns, Asked(*within, most))

        try:
            # To put points in order of arrival takes more memory, and is seldom needed.
            if _ARRIVAL not in columns and self._ahead.knows(ids):
                return self._ahead.points(ids, (*columns, within), read)
            return together([*read(ids)] or [nothing()])
        except pa.ArrowMemoryError:
            raise
        except (OSError, ValueError, pa.ArrowException):
            # SQL reads what is unusual, or says what is wrong with it.
            return None

    def most_points(self, ids: Ids, within: Bounds) -> int | None:
        self._tables.demand((_POINTS,), within)
        rows = self._direct.rows(_POINTS, within)
        try:
            return self._points.most(rows, ids, Asked(*within, _MAX_ROWS))
        except (OSError, ValueError, pa.ArrowException):
            return None

    def series_ids(self, days: Bounds) -> SeriesIds:
        if days not in self._ids:
            self._ids[days] = self._series_ids(days)
        return self._ids[days]

    def _series_ids(self, days: Bounds) -> SeriesIds:
        self._tables.demand(("metric_series",), days)
        try:
            return self._files.ids(self._direct.rows("metric_series", days), days)
        except (OSError, ValueError, pa.ArrowException):
            # SQL reads what is unusual, or says what is wrong with it.
            return ids_by_sql(self, days)

    def hours_rolled_up(self) -> Collection[int]:
        if self._hours is None:
            self._hours = self._direct.hours_rolled_up()
        return self._hours

    def _table(self, statement: Statement, asked: Asked) -> pa.Table:
        self._tables.demand(statement.tables, (asked.start_ns, asked.end_ns))
        batches, rows = [], 0
        with self._direct.batches(vars(statement), asked) as reader:
            for batch in reader:
                rows += batch.num_rows
                if rows > asked.max_rows:
                    raise TooManyRows(f"more than {asked.max_rows} rows")
                batches.append(batch)
            return pa.Table.from_batches(batches, reader.schema)
