"""Bucket series of histograms whose bounds stay the same, as nearly all do: a table of points and
bounds, turned round."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from query.prometheus.stored.blocks import Block
from query.prometheus.stored.columns import floats, starts, whole
from query.prometheus.stored.cut import Cut
from query.prometheus.stored.deltas import accumulated
from query.prometheus.stored.points_of_parts import passing_block
from query.promql.labels import BUCKET_BOUND, Labels, with_label
from query.promql.naming.families import bound_text
from query.promql.samples import Bools, Floats, Ints, Ragged
from query.promql.tree import Matcher

# Points that are turned round at a time, in the processor's cache.
_POINTS: Final = 8_192


class SteadyBuckets:
    """Histograms' points of which `of` finds that each series keeps its bounds, all of them as
    many."""

    def __init__(self, found: pa.Table, parts: Cut, counts: NDArray[Any], bounds: Floats) -> None:
        self._found = found
        self._parts = parts
        self._totals = floats(found.column("count").fill_null(0.0))
        self._counts = counts
        self._bounds = bounds

    @classmethod
    def of(cls, found: pa.Table, parts: Cut, stale: Bools) -> "SteadyBuckets | None":
        """None where it is not so, or where markers say that series end."""
        if stale.any() or not len(parts.rows):
            return None
        counts, bounds = (_table(found, name) for name in ("bucket_counts", "explicit_bounds"))
        if counts is None or bounds is None or counts.shape[1] != bounds.shape[1] + 1:
            return None
        own = bounds[parts.rows[parts.offsets[:-1]]]
        if not np.isfinite(own).all() or not (own[:, 1:] > own[:, :-1]).all():
            return None
        numbers = parts.numbers
        for first in range(0, len(parts.rows), _POINTS):
            part = slice(first, first + _POINTS)
            if not np.array_equal(bounds[parts.rows[part]], own[numbers[part]]):
                return None
        return cls(found, parts, counts, own)

    def block(
        self, labels: Mapping[int, Labels], matchers: Sequence[Matcher], is_delta: bool
    ) -> Block:
        """A series for each bound, as far as the matchers want it; the counts at and below it."""
        own, width = self._parts.offsets, self._bounds.shape[1] + 1
        offsets = np.concatenate(([0], np.cumsum(np.repeat(np.diff(own), width))))
        values, points = np.empty(offsets[-1]), np.empty(offsets[-1], dtype=np.int32)
        for some in self._alike():
            size = int(own[some[0] + 1] - own[some[0]])
            rows = own[some][:, None] + np.arange(size)
            places = offsets[some * width][:, None] + np.arange(size * width)
            turned = self._cumulative(rows.ravel()).reshape(len(some), size, width)
            values[places] = turned.transpose(0, 2, 1).reshape(places.shape)
            points[places] = np.tile(rows, width)
        samples = Ragged(offsets, self._parts.times_ms[points], values)
        if is_delta:
            samples = accumulated(samples, starts(self._found)[self._parts.rows][points])
        return passing_block(list(self._labels(labels)), samples, matchers)

    def _alike(self) -> Iterator[Ints]:
        """Series with as many points, some at a time."""
        lengths = np.diff(self._parts.offsets)
        for length in np.unique(lengths).tolist():
            series = np.flatnonzero(lengths == length)
            size = max(1, _POINTS // length)
            yield from (series[low : low + size] for low in range(0, len(series), size))

    def _cumulative(self, points: Ints) -> Floats:
        """The counts at and below each bound, the last of which is infinite."""
        rows = self._parts.rows[points]
        # Sums are modulo 2^64, as those of 64 bits are.
        below = np.cumsum(self._counts[rows, :-1], axis=1, dtype=np.uint64)
        return np.concatenate((below.astype(np.float64), self._totals[rows, None]), axis=1)

    def _labels(self, labels: Mapping[int, Labels]) -> Iterator[Labels | None]:
        pairs: dict[float, tuple[str, str]] = {}
        for one, bounds in zip(self._parts.ids.tolist(), self._bounds.tolist(), strict=True):
            own = labels.get(one)
            for bound in (*bounds, np.inf):
                pair = pairs.get(bound)
                if pair is None:
                    pair = pairs[bound] = (BUCKET_BOUND, bound_text(bound))
                yield None if own is None else with_pair(own, pair)


def with_pair(labels: Labels, pair: tuple[str, str]) -> Labels:
    """With this label, in its place."""
    place = bisect_left(labels, (pair[0],))
    if place < len(labels) and labels[place][0] == pair[0]:
        return with_label(labels, *pair)
    return (*labels[:place], pair, *labels[place:])


def _table(found: pa.Table, name: str) -> NDArray[Any] | None:
    """A row for each list, all of which have the same length; None where they do not."""
    column = whole(found, name)
    if column.null_count or not len(column):
        return None
    offsets = column.offsets.to_numpy()
    lengths = np.diff(offsets)
    if (lengths != lengths[0]).any():
        return None
    values: NDArray[Any] = column.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(column), int(lengths[0]))
