"""Numbers of long times: one sample for each hour that is rolled up, the points of the others."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.columns import floats
from query.prometheus.stored.conditions import of_metrics, of_series
from query.prometheus.stored.cut import cut
from query.prometheus.stored.numbers import numbers
from query.prometheus.stored.reading import read_rows
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import Wanted, labelled
from query.promql.naming.families import Part
from query.promql.samples import Ints, Ragged
from query.promql.standing import HOUR_MS, Standing
from query.reads import Statement

# Points are read once for each run of hours.
_MAX_RUNS: Final = 16
# The column of the value, and that of when it was.
_PLACES: Final = {
    "min": {"value": "min", "moment": "last_time"},
    "max": {"value": "max", "moment": "last_time"},
    "first": {"value": '"first"', "moment": "first_time"},
    "last": {"value": '"last"', "moment": "last_time"},
}
_COLUMNS: Final = (
    *("series_id", "name", "time", "period_s", "point_count", "stale_count", "duplicate_count"),
    *("same_millisecond_count", "first_time", "last_time", "min", "max", "first", "last"),
)


def by_hour(reader: Reader, span: Span, wanted: Wanted, standing: Standing) -> list[Block]:
    """Functions of `standing` give the same for windows of whole hours as for all samples."""
    hours = set(span.hours) & set(reader.hours_rolled_up())
    labels = wanted.labels[Part.VALUE]
    # Samples of series with equal labels may share a millisecond.
    if not hours or len(set(labels.values())) < len(labels):
        return numbers(reader, span, wanted, is_delta=False)
    # A rollup's time is that of its beginning.
    beginnings = Span(min(hours) * HOUR_MS - 1, max(hours) * HOUR_MS)
    found = _read(reader, beginnings, wanted, standing)
    hours -= _unfit(found)
    others = list(_between(span, hours))
    if len(others) > _MAX_RUNS:
        return numbers(reader, span, wanted, is_delta=False)
    found = found.filter(pa.array(np.isin(_ints(found, "hour"), list(hours))))
    parts = cut(found)
    samples = Ragged(parts.offsets, parts.times_ms, floats(found.column("value"))[parts.rows])
    blocks = [labelled(parts.ids.tolist(), samples, labels)]
    for other in others:
        blocks += numbers(reader, other, wanted, is_delta=False)
    return blocks


def _read(reader: Reader, span: Span, wanted: Wanted, standing: Standing) -> pa.Table:
    ids: Ints = np.array(list(wanted.series), dtype=np.uint64)
    names = {series.family.name for series in wanted.series.values()}
    rows = of_series(of_metrics(names), ids, wanted.among)
    places = {"condition": rows.sql, **_PLACES[standing]}
    text = filled(sql("query.prometheus.stored", "standing_samples"), places)
    statement = Statement(text, {"metric_rollups": _COLUMNS}, rows.params)
    return read_rows(reader, span, statement)


def _unfit(found: pa.Table) -> set[int]:
    """Hours of unfit rows, and of those with more than one row of a series."""
    hours = _ints(found, "hour")
    unfit = set(hours[np.asarray(found.column("is_unfit"), dtype=np.bool_)].tolist())
    ids = found.column("series_id").to_numpy()
    order = np.lexsort((hours, ids))
    again = (ids[order][1:] == ids[order][:-1]) & (hours[order][1:] == hours[order][:-1])
    return unfit | set(hours[order][1:][again].tolist())


def _ints(found: pa.Table, name: str) -> Ints:
    values: Ints = found.column(name).to_numpy()
    return values


def _between(span: Span, hours: Iterable[int]) -> Iterator[Span]:
    """What is left of the span without these hours, each from its first millisecond."""
    start_ms, end_ms = span.start_ms, span.end_ms
    assert start_ms is not None
    assert end_ms is not None
    for hour in sorted(hours):
        if hour * HOUR_MS - 1 > start_ms:
            yield Span(start_ms, hour * HOUR_MS - 1)
        start_ms = (hour + 1) * HOUR_MS - 1
    if end_ms > start_ms:
        yield Span(start_ms, end_ms)
