"""Histograms that are one sample a point: exponential ones, and those with bounds of their own."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.columns import floats, ints, stale_points, starts
from query.prometheus.stored.cut import Cut
from query.prometheus.stored.deltas import with_zeros
from query.prometheus.stored.lists import lists
from query.prometheus.stored.reading import read_points
from query.prometheus.stored.span import Span
from query.prometheus.stored.wanted import Wanted, labelled
from query.promql.naming.families import Part
from query.promql.naming.native_histograms import (
    DenseSide,
    NativeHistograms,
    SparseSide,
    native_histograms,
)
from query.promql.native.arithmetic import combine
from query.promql.native.histogram import CUSTOM_BUCKETS, Buckets, Histogram, ResetHint
from query.promql.native.layout import IncompatibleSchemas
from query.promql.samples import STALE, Ragged

_SCALARS: Final = ("count", "sum", "start_time")
_EXPONENTIAL: Final = (
    *("scale", "zero_count", "zero_threshold", "positive_offset", "positive_bucket_counts"),
    *("negative_offset", "negative_bucket_counts"),
)
_GAUGE: Final = "gaugehistogram"


def exponential(reader: Reader, span: Span, wanted: Wanted, is_delta: bool) -> list[Block]:
    """One native histogram a point; deltas are summed up."""
    columns = (*_SCALARS, *_EXPONENTIAL)
    found, parts = read_points(reader, span, "exponential_histograms", columns, wanted)
    native = _native(found, parts)
    count, total, zero = (
        floats(found.column(name).fill_null(0.0))[parts.rows].tolist()
        for name in ("count", "sum", "zero_count")
    )
    sides = (_sides(native.positive), _sides(native.negative))
    made = [
        Histogram(schema, *rest)
        for schema, *rest in zip(
            native.schemas.tolist(),
            *(count, total, native.zero_thresholds.tolist(), zero),
            *sides,
            strict=True,
        )
    ]
    return _blocks(made, found, parts, wanted, is_delta)


def custom(reader: Reader, span: Span, wanted: Wanted, is_delta: bool) -> list[Block]:
    """As `exponential`, of those that came from Prometheus with bounds of their own."""
    columns = (*_SCALARS, "bucket_counts", "explicit_bounds")
    found, parts = read_points(reader, span, "histograms", columns, wanted)
    made = []
    ordered = found.select(["count", "sum", "bucket_counts", "explicit_bounds"]).take(
        pa.array(parts.rows)
    )
    for row in ordered.to_pylist():
        counts = enumerate(row["bucket_counts"] or ())
        made.append(
            Histogram(
                schema=CUSTOM_BUCKETS,
                count=row["count"] or 0.0,
                sum=_number(row["sum"]),
                positive={place: float(one) for place, one in counts if one},
                custom_bounds=tuple(row["explicit_bounds"] or ()),
            )
        )
    return _blocks(made, found, parts, wanted, is_delta)


def _number(value: float | None) -> float:
    return 0.0 if value is None else value


def _native(found: pa.Table, parts: Cut) -> NativeHistograms:
    rows = parts.rows
    thresholds = floats(found.column("zero_threshold"))[rows]
    sides = []
    for side in ("positive", "negative"):
        counts = lists(found, f"{side}_bucket_counts", rows)
        offsets = ints(found.column(f"{side}_offset"))[rows]
        sides.append(DenseSide(offsets, counts.lengths, counts.values.astype(np.uint64)))
    return native_histograms(ints(found.column("scale"))[rows], thresholds, *sides)


def _sides(side: SparseSide) -> Iterator[Buckets]:
    indices, counts = side.indices.tolist(), side.counts.tolist()
    bounds = side.starts.tolist()
    for first, last in pairwise(bounds):
        yield dict(zip(indices[first:last], counts[first:last], strict=True))


def _blocks(
    made: Sequence[Histogram], found: pa.Table, parts: Cut, wanted: Wanted, is_delta: bool
) -> list[Block]:
    """Histograms, and floats for the stale markers among them."""
    stale = stale_points(found)[parts.rows]
    ids = parts.ids.tolist()
    gauges = {one for one, own in wanted.series.items() if own.family.is_gauge_histogram}
    values = np.empty(len(made), dtype=np.object_)
    for row, owner in enumerate(parts.numbers.tolist()):
        gauge = ids[owner] in gauges
        values[row] = made[row].hinted(ResetHint.GAUGE) if gauge else made[row]
    samples = Ragged(parts.offsets, parts.times_ms, values).filtered(~stale)
    if is_delta:
        _sum_up(samples)
        samples = with_zeros(samples, starts(found)[parts.rows][~stale], _emptied)
    markers = Ragged(parts.offsets, parts.times_ms, np.full(len(made), STALE))
    labels = wanted.labels[Part.HISTOGRAM]
    blocks = [labelled(ids, samples, labels)]
    if stale.any():
        blocks.append(labelled(ids, markers.filtered(stale), labels))
    return blocks


def _sum_up(samples: Ragged) -> None:
    """Each with all before it in its series; what cannot be added begins anew."""
    values = samples.values
    for first, last in pairwise(samples.offsets.tolist()):
        for row in range(first + 1, last):
            with suppress(IncompatibleSchemas):
                values[row] = combine(values[row - 1], values[row], 1.0).histogram


def _emptied(firsts: "np.ndarray[Any, np.dtype[np.object_]]") -> list[Histogram]:
    return [
        replace(one, count=0.0, sum=0.0, zero_count=0.0, positive={}, negative={}) for one in firsts
    ]
