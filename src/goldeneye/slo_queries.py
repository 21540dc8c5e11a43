"""What SLOs ask of the data at hand: joins the alert engine and the query layer."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from alerting.durations import MINUTE_NS
from alerting.slo.arrivals import Arrivals
from alerting.slo.collecting import SloRow
from alerting.slo.counting import Answer, Question
from alerting.slo.minutes import Minutes, minute_of
from alerting.slo.model import Source
from goldeneye import schemas
from goldeneye.errors import GoldeneyeError
from goldeneye.schemas import PromotedKeys
from goldeneye.slo_arrivals import arrivals
from goldeneye.slo_questions import SloQuestions, column
from query.asking.reader import Reader
from query.asking.window import Window
from query.service import QueryService
from query.slo.stored import oldest_ns, totals

_SCHEMA: Final = schemas.table("slo_minutes", PromotedKeys())


class SloQueries:
    """See alerting.slo.counting.SloQuerier and alerting.slo.collecting.Stored; thread-safe."""

    def __init__(self, service: Callable[[], QueryService]) -> None:
        self._of = service

    @property
    def _service(self) -> QueryService:
        return self._of()

    def ask(self, questions: Sequence[Question]) -> Sequence[Answer | GoldeneyeError]:
        """Counts of rollups are found by few statements, and PromQL by one job."""
        return SloQuestions(self._service, questions).answers()

    def arrived(self, sources: Sequence[Source], since_ns: int, first: int, end: int) -> Arrivals:
        """One statement a table. Raises GoldeneyeError."""
        return arrivals(Reader(self._service), sources, since_ns, _window(first, end))

    def oldest_minute(self) -> int | None:
        """Raises GoldeneyeError."""
        found = oldest_ns(Reader(self._service))
        return None if found is None else minute_of(found)

    def totals(self, slo: str, first: int, end: int) -> Minutes:
        """Raises GoldeneyeError."""
        found = totals(Reader(self._service), slo, _window(first, end))
        return Minutes(
            column(found, "minute", np.int64),
            column(found, "good", np.float64),
            column(found, "total", np.float64),
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
