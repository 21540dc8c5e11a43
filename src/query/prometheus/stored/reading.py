"""Reads points of series, and says so where they are too many."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from goldeneye.errors import TooManyRows
from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import Rows, of_metrics, of_series
from query.prometheus.stored.cut import Cut, cut, cut_up
from query.prometheus.stored.plain_points import (
    SHAPED,
    in_order_of_time,
    in_order_of_use,
    shaped,
)
from query.prometheus.stored.series_ids import Ids
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import Wanted
from query.promql.errors import TooManySamples
from query.reads import Reads, Statement

_RECEIVED: Final = "received_time"
_KEYS: Final = ("series_id", "name", "time", _RECEIVED, "flags")
_TOO_MANY: Final = "query processing would load too many samples into memory in query execution"
_BY_ARRIVAL: Final = "ORDER BY received_time"


def read_points(
    reader: Reader,
    span: Span,
    statement: str,
    columns: Sequence[str],
    wanted: Wanted,
) -> tuple[pa.Table, Cut]:
    """The points of the wanted series, perhaps those of others too.

    Of points of one millisecond that received last is kept. Raises TooManySamples.
    """
    ids: Ids = np.array(list(wanted.series), dtype=np.uint64)
    names = {series.family.name for series in wanted.series.values()}
    plain = _plain(reader, span, statement, columns, ids)
    if plain is not None:
        return plain
    rows = of_series(of_metrics(names), ids, wanted.among)
    found = _table(reader, span, statement, columns, rows, "")
    parts = cut(found)
    if parts.had_duplicates:
        found = _table(reader, span, statement, columns, rows, _BY_ARRIVAL)
        parts = cut(found)
    return found, parts


def _plain(
    reader: Reader, span: Span, statement: str, columns: Sequence[str], ids: Ids
) -> tuple[pa.Table, Cut] | None:
    """The points read without SQL; None where that cannot be."""
    if statement not in SHAPED:
        return None
    asked = _Plain(reader, span, statement, np.sort(ids))
    found = asked.read(columns)
    if found is not None and found[1].had_duplicates:
        return asked.read((*columns, _RECEIVED))
    return found


class _Plain(NamedTuple):
    reader: Reader
    span: Span
    statement: str
    ids: Ids

    def read(self, columns: Sequence[str]) -> tuple[pa.Table, Cut] | None:
        """In the order in which they were received, where that is among the columns."""
        most = self.reader.promql.max_samples
        try:
            points = self.reader.points(self.ids, ("flags", *columns), self.span.whole_ns, most)
        except TooManyRows as error:
            raise TooManySamples(_TOO_MANY) from error
        if points is None or points.columns.num_rows != len(points.places):
            return None
        found = shaped(self.statement, points.columns)
        if found is None:
            return None
        numbers, used = in_order_of_use(points.places, len(self.ids))
        own, times = self.ids[used], points.times_ms
        if _RECEIVED not in columns:
            return found, cut_up(own, numbers, times)
        order = in_order_of_time(points.columns.column(_RECEIVED))
        parts = cut_up(own, numbers[order], times[order])
        return found, replace(parts, rows=order[parts.rows])


def _table(
    reader: Reader, span: Span, name: str, columns: Sequence[str], rows: Rows, order: str
) -> pa.Table:
    places = {"condition": rows.sql, "order": order}
    text = filled(sql("query.prometheus.stored", name), places)
    statement = Statement(text, {"metric_points": (*_KEYS, *columns)}, rows.params)
    return read_rows(reader, span, statement)


def read_rows(reader: Reader, span: Span, statement: Statement) -> pa.Table:
    """The statement's rows of these times. Raises TooManySamples."""
    try:
        (found,) = reader.read(
            Reads([statement], *span.whole_ns, max_rows=reader.promql.max_samples)
        )
    except TooManyRows as error:
        raise TooManySamples(_TOO_MANY) from error
    return found
