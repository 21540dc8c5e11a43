"""Samples that keep coming: the source of a simulation, which sees no further than its time."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from query.promql.errors import PromqlError
from query.promql.labels import METRIC_NAME, Labels, metric_name
from query.promql.matching import passing
from query.promql.native.histogram import Histogram, ResetHint
from query.promql.native.resets import fell
from query.promql.samples import STALE, STALE_BITS, Ragged, SeriesSet
from query.promql.source import Whole
from query.promql.tree import Matcher, MatchKind


class Conflict(PromqlError):
    """Another value is there at this time."""


class _Series:
    """Rising times and their values."""

    def __init__(self) -> None:
        self.times: list[int] = []
        self.values: list[Any] = []

    def put(self, time: int, value: Any) -> None:
        at = bisect_left(self.times, time)
        if at < len(self.times) and self.times[at] == time:
            self.values[at] = value
        else:
            self.times.insert(at, time)
            self.values.insert(at, value)

    def before(self, time: int) -> Any:
        """The last value before this time, or None."""
        at = bisect_left(self.times, time)
        return self.values[at - 1] if at else None

    def at(self, time: int) -> Any:
        """The value at exactly this time, or None."""
        at = bisect_left(self.times, time)
        return self.values[at] if at < len(self.times) and self.times[at] == time else None


class GrowingSource(Whole):
    """Series by name; `until_ms` is moved by whoever simulates the time."""

    def __init__(self) -> None:
        self.until_ms = 0
        self._names: dict[str, dict[Labels, _Series]] = {}

    def add(self, labels: Labels, samples: Iterable[tuple[int, Any]]) -> None:
        """Add samples (ms, value); a later one at the same time wins."""
        series = self._series(labels)
        for time, value in samples:
            series.put(time, value)

    def write(self, labels: Labels, time: int, value: Any) -> None:
        """Add one sample, None for the end of a series. Raises Conflict."""
        series = self._series(labels)
        there = series.at(time)
        if there is None:
            series.put(time, STALE if value is None else _kept(series.before(time), value))
        elif value is not None and not _same(there, value):
            raise Conflict("duplicate sample for timestamp")

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """The samples in (start_ms, end_ms] that are not after `until_ms`."""
        end_ms = min(end_ms, self.until_ms)
        candidates = self._candidates(matchers)
        found = sorted(passing(matchers, list(candidates)))
        floats, histograms = _Parts(), _Parts()
        for labels in found:
            series = candidates[labels]
            low, high = bisect_right(series.times, start_ms), bisect_right(series.times, end_ms)
            for time, value in zip(series.times[low:high], series.values[low:high], strict=True):
                (histograms if isinstance(value, Histogram) else floats).add(time, value)
            floats.close()
            histograms.close()
        held = histograms.ragged(np.object_) if histograms.times else None
        return SeriesSet(found, floats.ragged(np.float64), held)

    def _series(self, labels: Labels) -> _Series:
        return self._names.setdefault(metric_name(labels), {}).setdefault(labels, _Series())

    def _candidates(self, matchers: Sequence[Matcher]) -> dict[Labels, _Series]:
        for matcher in matchers:
            if matcher.name == METRIC_NAME and matcher.kind is MatchKind.EQUAL:
                return self._names.get(matcher.value, {})
        return {labels: one for named in self._names.values() for labels, one in named.items()}


def _is_stale(value: Any) -> bool:
    if isinstance(value, Histogram) or not math.isnan(value):
        return False
    return bool(np.array([value]).view(np.int64)[0] == STALE_BITS)


def _same(there: Any, value: Any) -> bool:
    if isinstance(there, Histogram) or isinstance(value, Histogram):
        both = isinstance(there, Histogram) and isinstance(value, Histogram)
        return both and there.equals(value)
    both_nan = math.isnan(there) and math.isnan(value) and not _is_stale(there)
    return both_nan or bool(there == value)


def _kept(before: Any, value: Any) -> Any:
    """A sample as a store gives it back: it knows itself whether a counter went on."""
    if not isinstance(value, Histogram) or value.hint in (ResetHint.GAUGE, ResetHint.RESET):
        return value
    value = value.hinted(ResetHint.UNKNOWN)
    goes_on = isinstance(before, Histogram) and before.hint is not ResetHint.GAUGE
    return value.hinted(ResetHint.NOT_RESET) if goes_on and not fell(before, value) else value


class _Parts:
    """The samples of one kind, series after series."""

    def __init__(self) -> None:
        self.times: list[int] = []
        self._values: list[Any] = []
        self._offsets = [0]

    def add(self, time: int, value: Any) -> None:
        self.times.append(time)
        self._values.append(value)

    def close(self) -> None:
        self._offsets.append(len(self.times))

    def ragged(self, kind: Any) -> Ragged:
        values = np.empty(len(self._values), dtype=kind)
        values[:] = self._values
        offsets = np.array(self._offsets, dtype=np.int64)
        return Ragged(offsets, np.array(self.times, dtype=np.int64), values)
