"""Histograms with explicit bounds, as the float series that Prometheus makes of them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.columns import floats, stale_points, starts
from query.prometheus.stored.cut import Cut
from query.prometheus.stored.deltas import accumulated
from query.prometheus.stored.lists import lists, places
from query.prometheus.stored.points_of_parts import Parts
from query.prometheus.stored.reading import read_points
from query.prometheus.stored.span import Span
from query.prometheus.stored.steady_buckets import Columns, steady
from query.prometheus.stored.wanted import Wanted, labelled
from query.promql.labels import BUCKET_BOUND
from query.promql.naming.families import Part
from query.promql.samples import STALE_BITS, Bools, Floats, Ints, Ragged

_SCALARS: Final = ("count", "sum", "start_time")
_BUCKETS: Final = ("bucket_counts", "explicit_bounds")


def classic(reader: Reader, span: Span, wanted: Wanted, is_delta: bool) -> list[Block]:
    """`_bucket`, `_count` and `_sum`, as far as they are wanted; deltas are summed up."""
    found, parts = read_points(reader, span, "histograms", (*_SCALARS, *_BUCKETS), wanted)
    blocks = scalars(found, parts, wanted, is_delta)
    if Part.BUCKET in wanted.labels:
        blocks += _bucket_blocks(found, parts, wanted, is_delta)
    return blocks


def _bucket_blocks(found: pa.Table, parts: Cut, wanted: Wanted, is_delta: bool) -> Iterator[Block]:
    labels, late = wanted.labels[Part.BUCKET], wanted.late[Part.BUCKET]
    several, others = steady(Columns.of(found), parts, stale_points(found)[parts.rows])
    for one in several:
        yield one.block(labels, late, is_delta)
    if len(others.ids):
        made = _buckets(found, others)
        yield made.block(others.ids.tolist(), labels, BUCKET_BOUND, late, is_delta)


def scalars(found: pa.Table, parts: Cut, wanted: Wanted, is_delta: bool) -> list[Block]:
    """`_count` and `_sum`, as far as they are wanted. A point without a sum has none."""
    blocks = []
    stale = stale_points(found)[parts.rows]
    for part, column in ((Part.COUNT, "count"), (Part.SUM, "sum")):
        if part not in wanted.labels:
            continue
        values = marked(floats(found.column(column))[parts.rows], stale)
        samples = Ragged(parts.offsets, parts.times_ms, values)
        there = np.asarray(found.column(column).is_valid(), np.bool_)[parts.rows] | stale
        began = starts(found)[parts.rows] if is_delta else parts.times_ms
        samples, began = samples.filtered(there), began[there]
        samples = accumulated(samples, began) if is_delta else samples
        blocks.append(labelled(parts.ids.tolist(), samples, wanted.labels[part]))
    return blocks


def marked(values: Floats, stale: Bools) -> Floats:
    """Stale markers where a point is one."""
    values.view(np.int64)[stale] = STALE_BITS
    return values


def _buckets(found: pa.Table, parts: Cut) -> Parts:
    """Each bound's observations at and below it; those of +Inf are the point's count."""
    counts, bounds = (lists(found, name, parts.rows) for name in _BUCKETS)
    points, within = places(np.minimum(counts.lengths, bounds.lengths))
    below = _cumulative(counts.values)
    firsts = counts.starts[points]
    cumulative = below[firsts + within + 1] - below[firsts]
    series, stale = parts.numbers, stale_points(found)[parts.rows]
    began = starts(found)[parts.rows]
    totals = marked(floats(found.column("count").fill_null(0.0))[parts.rows], stale)
    made = Parts(
        np.concatenate((series[points], series)),
        np.concatenate(
            (bounds.values[bounds.starts[points] + within], np.full(len(series), np.inf))
        ),
        np.concatenate((parts.times_ms[points], parts.times_ms)),
        np.concatenate((began[points], began)),
        np.concatenate((cumulative.astype(np.float64), totals)),
    )
    return made.with_stale(series[stale], parts.times_ms[stale])


def _cumulative(counts: Ints) -> Ints:
    """Before each count, and after the last, the sum of those before (modulo 2^64)."""
    sums: Ints = np.concatenate((np.zeros(1, np.uint64), np.cumsum(counts, dtype=np.uint64)))
    return sums
