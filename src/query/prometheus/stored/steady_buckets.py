"""Bucket series of histograms that keep their bounds, as nearly all do: a table of points and
bounds, turned round."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from query.prometheus.stored.blocks import Block
from query.prometheus.stored.columns import floats, starts
from query.prometheus.stored.cut import Cut
from query.prometheus.stored.deltas import accumulated
from query.prometheus.stored.lists import Lists, lists_of
from query.prometheus.stored.points_of_parts import passing_block
from query.promql.labels import BUCKET_BOUND, Labels, with_label
from query.promql.naming.families import bound_text
from query.promql.samples import Bools, Floats, Ints, Ragged
from query.promql.tree import Matcher

# Points that are turned round at a time, in the processor's cache.
_POINTS: Final = 8_192


class Columns(NamedTuple):
    """Those of a table of histograms' points, in its order."""

    counts: Lists
    bounds: Lists
    totals: Floats
    starts_ms: Ints

    @classmethod
    def of(cls, found: pa.Table) -> "Columns":
        totals = floats(found.column("count").fill_null(0.0))
        counts, bounds = (lists_of(found, name) for name in ("bucket_counts", "explicit_bounds"))
        return cls(counts, bounds, totals, starts(found))


@dataclass(frozen=True)
class Steady:
    """Histograms of the same number of bounds (series x bounds), each of which keeps its own."""

    columns: Columns
    parts: Cut
    bounds: Floats

    def block(
        self, labels: Mapping[int, Labels], matchers: Sequence[Matcher], is_delta: bool
    ) -> Block:
        """A series for each bound, as far as the matchers want it; the counts at and below it."""
        own, width = self.parts.offsets, self.bounds.shape[1] + 1
        offsets = np.concatenate(([0], np.cumsum(np.repeat(np.diff(own), width))))
        values, points = np.empty(offsets[-1]), np.empty(offsets[-1], dtype=np.int32)
        for some in _alike(self.parts):
            size = int(own[some[0] + 1] - own[some[0]])
            rows = own[some][:, None] + np.arange(size)
            turned = self._cumulative(rows.ravel()).reshape(len(some), size, width)
            where = _places(offsets, some * width, size * width)
            values[where] = turned.transpose(0, 2, 1).ravel()
            points[where] = np.repeat(rows[:, None], width, axis=1).ravel()
        samples = Ragged(offsets, self.parts.times_ms[points], values)
        if is_delta:
            began = self.columns.starts_ms[self.parts.rows]
            samples = accumulated(samples, began[points])
        return passing_block(list(self._labels(labels)), samples, matchers)

    def _cumulative(self, points: Ints) -> Floats:
        """The counts at and below each bound, the last of which is infinite."""
        rows = self.parts.rows[points]
        counts = _table(self.columns.counts, rows, self.bounds.shape[1])
        # Sums are modulo 2^64, as those of 64 bits are.
        below = np.cumsum(counts, axis=1, dtype=np.uint64).astype(np.float64)
        return np.concatenate((below, self.columns.totals[rows, None]), axis=1)

    def _labels(self, labels: Mapping[int, Labels]) -> Iterator[Labels | None]:
        pairs: dict[float, tuple[str, str]] = {}
        for one, bounds in zip(self.parts.ids.tolist(), self.bounds.tolist(), strict=True):
            own = labels.get(one)
            for bound in (*bounds, np.inf):
                pair = pairs.get(bound)
                if pair is None:
                    pair = pairs[bound] = (BUCKET_BOUND, bound_text(bound))
                yield None if own is None else _with_pair(own, pair)


def steady(columns: Columns, parts: Cut, stale: Bools) -> tuple[list[Steady], Cut]:
    """The series that keep their bounds, by the number of these, and the others; `stale` are those
    of `parts.rows` that say that the series ended."""
    widths = _widths(columns, parts, stale)
    found, left = [], widths < 0
    for width in np.unique(widths[widths >= 0]).tolist():
        series = np.flatnonzero(widths == width)
        own = parts.only(series)
        bounds = _table(columns.bounds, own.rows[own.offsets[:-1]], width)
        kept = _are_kept(columns.bounds, own, bounds)
        left[series[~kept]] = True
        if kept.any():
            found.append(Steady(columns, own.only(np.flatnonzero(kept)), bounds[kept]))
    return found, parts.only(np.flatnonzero(left))


def _widths(columns: Columns, parts: Cut, stale: Bools) -> Ints:
    """How many bounds each series has; -1 where not all of its points have as many."""
    if not len(parts.ids):
        return np.empty(0, dtype=np.int64)
    begins = parts.offsets[:-1]
    bounds = columns.bounds.lengths[parts.rows]
    fits = (columns.counts.lengths[parts.rows] == bounds + 1) & ~stale
    fewest, most = np.minimum.reduceat(bounds, begins), np.maximum.reduceat(bounds, begins)
    same = (fewest == most) & np.logical_and.reduceat(fits, begins)
    widths: Ints = np.where(same, fewest, -1)
    return widths


def _are_kept(lists: Lists, parts: Cut, bounds: Floats) -> Bools:
    """Whether a series' points all have these bounds, and these are finite and rise."""
    kept: Bools = np.logical_and.reduce(np.isfinite(bounds), axis=1)
    kept &= np.logical_and.reduce(bounds[:, 1:] > bounds[:, :-1], axis=1)
    for some in _alike(parts):
        size = int(parts.offsets[some[0] + 1] - parts.offsets[some[0]])
        rows = parts.rows[parts.offsets[some][:, None] + np.arange(size)]
        own = _table(lists, rows.ravel(), bounds.shape[1]).reshape(*rows.shape, -1)
        kept[some] &= np.logical_and.reduce(own == bounds[some][:, None], axis=(1, 2))
    return kept


def _alike(parts: Cut) -> Iterator[Ints]:
    """Series with as many points, some at a time."""
    lengths = np.diff(parts.offsets)
    for length in np.unique(lengths).tolist():
        series = np.flatnonzero(lengths == length)
        size = max(1, _POINTS // length)
        yield from (series[low : low + size] for low in range(0, len(series), size))


def _places(offsets: Ints, firsts: Ints, size: int) -> slice | Ints:
    """Where the samples of these series lie, each with its next ones to so many samples."""
    starts = offsets[firsts]
    if starts[-1] - starts[0] == size * (len(firsts) - 1):
        return slice(int(starts[0]), int(starts[-1]) + size)
    places: Ints = (starts[:, None] + np.arange(size)).ravel()
    return places


def _table(lists: Lists, rows: NDArray[Any], width: int) -> NDArray[Any]:
    """Of the lists of these rows so many entries."""
    found: NDArray[Any] = lists.values[lists.starts[rows][:, None] + np.arange(width)]
    return found


def _with_pair(labels: Labels, pair: tuple[str, str]) -> Labels:
    """With this label, in its place."""
    place = bisect_left(labels, (pair[0],))
    if place < len(labels) and labels[place][0] == pair[0]:
        return with_label(labels, *pair)
    return (*labels[:place], pair, *labels[place:])
