"""Counters and classic histograms of what was counted by the minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from query.percentiles.weighted import duration_of
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.minutes import Counted, counters
from query.prometheus.stored.span import Span
from query.promql.labels import BUCKET_BOUND, METRIC_NAME, Labels, from_mapping
from query.promql.matching import passing
from query.promql.naming.families import bound_text
from query.promql.samples import Floats, Ints
from query.promql.tree import Matcher

SUFFIXES: Final = ("_bucket", "_sum", "_count")
# Of a duration's bucket, from that of 1 ns and less: what it stands for, in seconds.
_MIDDLES: Final = np.array([duration_of(bucket) for bucket in range(-1, 2048)]) / 1e9


@dataclass(frozen=True)
class ByMinute:
    """Rows that add up: `keys` are labels, `owners` says whose a row is, `minutes` since 1970."""

    keys: Sequence[Mapping[str, str]]
    owners: Ints
    minutes: Ints
    span: Span
    matchers: Sequence[Matcher]
    max_samples: int

    def counter(self, name: str, counts: Floats) -> Block:
        """Raises TooManySamples."""
        labels = [from_mapping({**key, METRIC_NAME: name}) for key in self.keys]
        return self._block(labels, self.owners, counts)

    def histogram(
        self, names: Sequence[str], bounds: Sequence[float], buckets: Ints, counts: Floats
    ) -> list[Block]:
        """Of durations by their bucket: those of `names` that end as a histogram's series do.

        Raises TooManySamples.
        """
        found = []
        for name in names:
            if name.endswith("_bucket"):
                found.append(self._buckets(name, bounds, buckets, counts))
            else:
                values = counts * _MIDDLES[buckets + 1] if name.endswith("_sum") else counts
                found.append(self.counter(name, values))
        return found

    def _buckets(self, name: str, bounds: Sequence[float], buckets: Ints, counts: Floats) -> Block:
        """A bucket counts where its middle lies: at most 1.1 % off."""
        labels = [one for key in self.keys for one in bucket_labels(name, key, bounds)]
        places = np.searchsorted(np.array(bounds), _MIDDLES)[buckets + 1]
        # All buckets of a histogram begin with its first span.
        rows = np.repeat(np.arange(len(buckets)), len(bounds))
        place = np.tile(np.arange(len(bounds)), len(buckets))
        below = np.where(places[rows] <= place, counts[rows], 0.0)
        return self._block(labels, self.owners[rows] * len(bounds) + place, below, rows)

    def _block(
        self, labels: Sequence[Labels], series: Ints, counts: Floats, rows: Any = slice(None)
    ) -> Block:
        passed = set(passing(self.matchers, labels))
        keep: NDArray[np.bool_] = np.array([one in passed for one in labels], dtype=np.bool_)
        inside = keep[series]
        numbers = (np.cumsum(keep) - 1)[series[inside]]
        counted = Counted(numbers, self.minutes[rows][inside], counts[inside])
        kept = [one for one in labels if one in passed]
        return Block(kept, counters(counted, len(kept), self.span, self.max_samples))


def bucket_labels(name: str, key: Mapping[str, str], bounds: Sequence[float]) -> list[Labels]:
    """Of the series of one histogram's buckets."""
    return [
        from_mapping({**key, METRIC_NAME: name, BUCKET_BOUND: bound_text(bound)})
        for bound in bounds
    ]


def all_labels(
    names: Sequence[str], keys: Sequence[Mapping[str, str]], bounds: Sequence[float]
) -> list[Labels]:
    """Of all series of these names."""
    found: list[Labels] = []
    for name in names:
        for key in keys:
            if name.endswith("_bucket"):
                found += bucket_labels(name, key, bounds)
            else:
                found.append(from_mapping({**key, METRIC_NAME: name}))
    return found
