"""Gauges and sums: one float a point."""

from typing import Final

from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.columns import floats, starts
from query.prometheus.stored.deltas import accumulated
from query.prometheus.stored.reading import read_points
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import Wanted, labelled
from query.promql.naming.families import Part
from query.promql.samples import Ragged

_COLUMNS: Final = ("value", "value_int")


def numbers(reader: Reader, span: Span, wanted: Wanted, is_delta: bool) -> list[Block]:
    """The samples of series whose points are numbers; deltas are summed up."""
    statement = "delta_numbers" if is_delta else "numbers"
    columns = (*_COLUMNS, "start_time") if is_delta else _COLUMNS
    found, parts = read_points(reader, span, statement, columns, wanted)
    values = floats(found.column("value"), stale=True)[parts.rows]
    samples = Ragged(parts.offsets, parts.times_ms, values)
    if is_delta:
        samples = accumulated(samples, starts(found)[parts.rows])
    return [labelled(parts.ids.tolist(), samples, wanted.labels[Part.VALUE])]
