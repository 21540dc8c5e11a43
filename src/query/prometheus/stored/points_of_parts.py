"""Floats of several series a point: of a bucket or quantile each, told apart by a number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from query.prometheus.stored.blocks import Block
from query.prometheus.stored.cut import grouped
from query.prometheus.stored.deltas import accumulated
from query.promql.labels import Labels, with_label
from query.promql.matching import passing
from query.promql.naming.families import bound_text
from query.promql.samples import STALE, Floats, Ints, Ragged
from query.promql.tree import Matcher


@dataclass(frozen=True)
class Parts:
    """One sample of each entry: whose series it is (by number), and which bound or quantile.

    `starts_ms` is when the point began, 0 where that is not known.
    """

    series: Ints
    bounds: Floats
    times_ms: Ints
    starts_ms: Ints
    values: Floats

    def with_stale(self, series: Ints, times_ms: Ints) -> "Parts":
        """With a stale marker at these times, for each finite bound that a series ever has."""
        if not len(series):
            return self
        others = np.isfinite(self.bounds)
        known = np.unique(
            np.stack((self.series[others].astype(np.float64), self.bounds[others])), axis=1
        )
        owners, bounds = known[0].astype(np.int64), known[1]
        first, last = (np.searchsorted(owners, series, side) for side in ("left", "right"))
        counts = (last - first).astype(np.int64)
        of_point = np.repeat(np.arange(len(series)), counts)
        within = np.arange(len(of_point)) - np.repeat(np.cumsum(counts) - counts, counts)
        which = first[of_point] + within
        times = times_ms[of_point]
        return Parts(
            np.concatenate((self.series, owners[which])),
            np.concatenate((self.bounds, bounds[which])),
            np.concatenate((self.times_ms, times)),
            np.concatenate((self.starts_ms, np.zeros(len(times), dtype=np.int64))),
            np.concatenate((self.values, np.full(len(times), STALE))),
        )

    def block(
        self,
        ids: Sequence[int],
        labels: Mapping[int, Labels],
        label: str,
        matchers: Sequence[Matcher],
        is_delta: bool,
    ) -> Block:
        """A series for each series and bound; `label` tells the bound, as the matchers want it."""
        encoded = pa.array(self.bounds).dictionary_encode()
        keys = self.series * len(encoded.dictionary) + encoded.indices.to_numpy()
        order = grouped(keys, self.times_ms)
        keys = keys[order]
        begins = np.ones(len(order), dtype=np.bool_)
        begins[1:] = keys[1:] != keys[:-1]
        first = np.flatnonzero(begins)
        offsets = np.concatenate((first, [len(order)])).astype(np.int64)
        samples = Ragged(offsets, self.times_ms[order], self.values[order])
        if is_delta:
            samples = accumulated(samples, self.starts_ms[order])
        named = [
            _with_bound(labels.get(ids[owner]), label, bound)
            for owner, bound in zip(
                self.series[order[first]].tolist(), self.bounds[order[first]].tolist(), strict=True
            )
        ]
        return passing_block(named, samples, matchers)


def _with_bound(labels: Labels | None, label: str, bound: float) -> Labels | None:
    return None if labels is None else with_label(labels, label, bound_text(bound))


def passing_block(
    named: Sequence[Labels | None], samples: Ragged, matchers: Sequence[Matcher]
) -> Block:
    """The series that have labels which pass."""
    known = [labels for labels in named if labels is not None]
    passed = set(passing(matchers, known))
    if len(passed) == len(named):
        return Block(known, samples)
    keep = np.array([labels is not None and labels in passed for labels in named], np.bool_)
    lengths = np.diff(samples.offsets)
    inside = np.repeat(keep, lengths)
    offsets = np.concatenate(([0], np.cumsum(lengths[keep]))).astype(np.int64)
    kept = Ragged(offsets, samples.times[inside], samples.values[inside])
    return Block([labels for labels in known if labels in passed], kept)
