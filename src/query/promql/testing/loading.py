"""Puts the samples of a `load` command into a source."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol

from query.promql.buckets import bound_of
from query.promql.labels import BUCKET_BOUND, METRIC_NAME, Labels, metric_name, with_label, without
from query.promql.native.histogram import CUSTOM_BUCKETS, Histogram, ResetHint
from query.promql.native.resets import fell
from query.promql.testing.notation import Sample
from query.promql.testing.script import Load


class Taking(Protocol):
    """What samples can be added to."""

    def add(self, labels: Labels, samples: Iterable[tuple[int, Any]]) -> None: ...


def load(source: Taking, command: Load) -> None:
    """Add the series, and with `load_with_nhcb` their native twins."""
    samples: dict[Labels, list[tuple[int, Sample]]] = {}
    for series in command.series:
        times = range(0, command.step_ms * len(series.values), command.step_ms or 1)
        pairs = zip(times, series.values, strict=False)
        samples[series.labels] = _hinted([pair for pair in pairs if pair[1] is not None])
    for labels, pairs_of in samples.items():
        source.add(labels, pairs_of)
    if command.convert:
        for labels, twin in _twins(samples).items():
            source.add(labels, _hinted(sorted(twin.items())))


def _hinted(pairs: Sequence[tuple[int, Sample]]) -> list[tuple[int, Sample]]:
    """The samples with what a store knows of resets: none inside a run of rising histograms."""
    found: list[tuple[int, Sample]] = []
    before: Sample = None
    for time, value in pairs:
        if isinstance(before, Histogram) and isinstance(value, Histogram):
            value = _after(before, value)
        found.append((time, value))
        before = value
    return found


def _after(before: Histogram, histogram: Histogram) -> Histogram:
    if histogram.hint is not ResetHint.UNKNOWN or before.hint is ResetHint.GAUGE:
        return histogram
    return histogram if fell(before, histogram) else histogram.hinted(ResetHint.NOT_RESET)


class _Parts:
    """What is known of one histogram at one time."""

    def __init__(self) -> None:
        self.cumulative: dict[float, float] = {}
        self.sum = 0.0
        self.count: float | None = None


def _twins(samples: dict[Labels, list[tuple[int, Sample]]]) -> dict[Labels, dict[int, Histogram]]:
    parts: dict[Labels, dict[int, _Parts]] = defaultdict(lambda: defaultdict(_Parts))
    for labels, pairs in samples.items():
        name = metric_name(labels)
        bound = bound_of(labels)
        for suffix in ("_bucket", "_sum", "_count"):
            if not name.endswith(suffix) or (suffix == "_bucket" and bound is None):
                continue
            base = without(labels, (BUCKET_BOUND,) if suffix == "_bucket" else ())
            base = with_label(base, METRIC_NAME, name.removesuffix(suffix))
            for time, value in pairs:
                if isinstance(value, float):
                    _note(parts[base][time], suffix, bound, value)
    return {
        labels: {time: _native(part) for time, part in times.items() if part.cumulative}
        for labels, times in parts.items()
        if any(part.cumulative for part in times.values())
    }


def _note(part: _Parts, suffix: str, bound: float | None, value: float) -> None:
    if suffix == "_sum":
        part.sum = value
    elif suffix == "_count":
        part.count = value
    elif bound is not None:
        part.cumulative[bound] = value


def _native(part: _Parts) -> Histogram:
    bounds = sorted(part.cumulative)
    counts = [0.0, *(part.cumulative[bound] for bound in bounds)]
    total = part.count if part.count is not None else counts[-1]
    own = tuple(bound for bound in bounds if bound != float("inf"))
    buckets = [after - before for before, after in pairwise(counts)]
    if len(own) == len(bounds):
        buckets.append(total - counts[-1])
    return Histogram(
        schema=CUSTOM_BUCKETS,
        count=total,
        sum=part.sum,
        positive={index: count for index, count in enumerate(buckets) if count},
        custom_bounds=own,
    )
