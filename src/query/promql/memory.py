"""Samples held in memory: the source of tests and of recorded series."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from query.promql.labels import Labels
from query.promql.matching import passing
from query.promql.samples import Ints, Ragged, SeriesSet
from query.promql.source import Whole
from query.promql.tree import Matcher


class MemorySource(Whole):
    """Series by label set; each sample a float or an object that is a native histogram."""

    def __init__(self) -> None:
        self._series: dict[Labels, dict[int, Any]] = {}
        self._sealed: dict[Labels, tuple[Ints, list[Any]]] = {}

    def add(self, labels: Labels, samples: Iterable[tuple[int, Any]]) -> None:
        """Add samples (ms, value) to a series; a later one at the same time wins."""
        self._series.setdefault(labels, {}).update(samples)
        self._sealed.pop(labels, None)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """The samples in (start_ms, end_ms], series in the order of their labels."""
        found = sorted(passing(matchers, list(self._series)))
        floats, histograms = _Builder(np.float64), _Builder(np.object_)
        for labels in found:
            times, values = self._seal(labels)
            low, high = np.searchsorted(times, [start_ms, end_ms], side="right").tolist()
            inside = list(zip(times[low:high].tolist(), values[low:high], strict=True))
            floats.add([pair for pair in inside if isinstance(pair[1], float)])
            histograms.add([pair for pair in inside if not isinstance(pair[1], float)])
        held = histograms.ragged() if histograms.times else None
        return SeriesSet(found, floats.ragged(), held)

    def _seal(self, labels: Labels) -> tuple[Ints, list[Any]]:
        sealed = self._sealed.get(labels)
        if sealed is None:
            pairs = sorted(self._series[labels].items())
            times = np.array([time for time, _ in pairs], dtype=np.int64)
            sealed = self._sealed[labels] = (times, [value for _, value in pairs])
        return sealed


class _Builder:
    def __init__(self, kind: Any) -> None:
        self.times: list[int] = []
        self._kind = kind
        self._offsets = [0]
        self._values: list[Any] = []

    def add(self, pairs: list[tuple[int, Any]]) -> None:
        self.times += [time for time, _ in pairs]
        self._values += [value for _, value in pairs]
        self._offsets.append(len(self.times))

    def ragged(self) -> Ragged:
        values = np.empty(len(self._values), dtype=self._kind)
        values[:] = self._values
        offsets = np.array(self._offsets, dtype=np.int64)
        return Ragged(offsets, np.array(self.times, dtype=np.int64), values)
