"""Summaries: a series for each quantile, their count and their sum."""

from typing import Final

import numpy as np

from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.classic import scalars
from query.prometheus.stored.columns import stale_points
from query.prometheus.stored.lists import lists, places
from query.prometheus.stored.points_of_parts import Parts
from query.prometheus.stored.reading import read_points
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import Wanted
from query.promql.naming.families import QUANTILE_LABEL, Part

_COLUMNS: Final = ("count", "sum", "quantiles")


def summaries(reader: Reader, span: Span, wanted: Wanted, is_delta: bool) -> list[Block]:
    """As far as they are wanted; summaries are always cumulative."""
    found, parts = read_points(reader, span, "summaries", _COLUMNS, wanted)
    blocks = scalars(found, parts, wanted, is_delta=False)
    if Part.QUANTILE in wanted.labels:
        quantiles = lists(found, "quantiles", parts.rows)
        values = lists(found, "quantile_values", parts.rows).values
        points, _ = places(quantiles.lengths)
        series, stale = parts.numbers, stale_points(found)[parts.rows]
        made = Parts(
            series[points],
            quantiles.values,
            parts.times_ms[points],
            np.zeros(len(points), dtype=np.int64),
            values,
        ).with_stale(series[stale], parts.times_ms[stale])
        labels, late = wanted.labels[Part.QUANTILE], wanted.late[Part.QUANTILE]
        blocks.append(made.block(parts.ids.tolist(), labels, QUANTILE_LABEL, late, False))
    return blocks
