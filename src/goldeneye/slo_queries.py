"""What SLOs ask of the data at hand: joins the alert engine and the query layer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from alerting.slo.collecting import SloRow
from alerting.slo.counting import Series
from alerting.slo.minutes import MINUTE_NS, Minutes, minute_of
from alerting.slo.model import Spans
from goldeneye import schemas
from goldeneye.schemas import PromotedKeys
from goldeneye.slo_filters import wanted
from query.asking.reader import Reader
from query.asking.window import Window
from query.service import QueryService
from query.slo.counts import minute_counts
from query.slo.series import Points, of_query, of_statement
from query.slo.stored import oldest_ns, totals

_SCHEMA: Final = schemas.table("slo_minutes", PromotedKeys())


class SloQueries:
    """See alerting.slo.counting.SloQuerier and alerting.slo.collecting.Stored; thread-safe."""

    def __init__(self, service: Callable[[], QueryService]) -> None:
        self._of = service

    @property
    def _service(self) -> QueryService:
        return self._of()

    def spans(self, sources: Sequence[Spans], first: int, end: int) -> Sequence[Series]:
        """Raises GoldeneyeError."""
        found = minute_counts(Reader(self._service), wanted(sources), _window(first, end))
        minute = _column(found, "minute", np.int64)
        return [
            Series(minute, _column(found, f"count_{number}", np.float64))
            for number in range(len(sources))
        ]

    def promql(self, query: str, first: int, end: int, each: bool) -> Sequence[Series]:
        """Raises GoldeneyeError."""
        return _series(of_query(self._service, query, _window(first, end), each))

    def sql(self, statement: str, first: int, end: int) -> Sequence[Series]:
        """Raises GoldeneyeError."""
        return _series(of_statement(Reader(self._service), statement, _window(first, end)))

    def oldest_minute(self) -> int | None:
        """Raises GoldeneyeError."""
        found = oldest_ns(Reader(self._service))
        return None if found is None else minute_of(found)

    def totals(self, slo: str, first: int, end: int) -> Minutes:
        """Raises GoldeneyeError."""
        found = totals(Reader(self._service), slo, _window(first, end))
        return Minutes(
            _column(found, "minute", np.int64),
            _column(found, "good", np.float64),
            _column(found, "total", np.float64),
        )


def batch(rows: Sequence[SloRow], written_ns: int) -> pa.RecordBatch:
    """The rows of a tick as those of the table."""
    values = [
        {
            "slo": row.slo,
            "minute": row.minute_ns,
            "good": row.good,
            "total": row.total,
            "service_name": row.service_name,
            "written_time": written_ns,
        }
        for row in rows
    ]
    return pa.RecordBatch.from_pylist(values, schema=_SCHEMA)


def _window(first: int, end: int) -> Window:
    return Window(first * MINUTE_NS, end * MINUTE_NS)


def _series(found: Iterable[Points]) -> list[Series]:
    return [
        Series(
            np.array([minute for minute, _ in points], np.int64),
            np.array([value for _, value in points], np.float64),
        )
        for points in found
    ]


def _column(found: pa.Table, name: str, kind: type) -> np.ndarray:
    values: np.ndarray = found.column(name).to_numpy().astype(kind)
    return values
