"""Which series a selector is about, and what they are called."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from query.prometheus.stored.blocks import Block
from query.prometheus.stored.families import Named
from query.prometheus.stored.family import Family
from query.prometheus.stored.series_memory import Series
from query.promql.labels import BUCKET_BOUND, METRIC_NAME, Labels, with_label
from query.promql.matching import passing
from query.promql.naming.families import QUANTILE_LABEL, Part
from query.promql.samples import Ragged
from query.promql.tree import Matcher

# These labels are known when the points are.
LATE_LABELS: Mapping[Part, str] = {Part.BUCKET: BUCKET_BOUND, Part.QUANTILE: QUANTILE_LABEL}


@dataclass
class Wanted:
    """Series by id, of so many `among`; `labels` are those of each part of a point, with the name.

    `late` are matchers of labels that only points tell.
    """

    among: int = 0
    series: dict[int, Series] = field(default_factory=dict)
    labels: dict[Part, dict[int, Labels]] = field(default_factory=dict)
    late: dict[Part, list[Matcher]] = field(default_factory=dict)


def wanted_series(
    named: Sequence[Named],
    known: Mapping[int, Series],
    matchers: Sequence[Matcher],
    among: int | None = None,
) -> dict[Family, Wanted]:
    """By family; those of which no series is wanted are left out. Known are all of so many
    `among`, or some."""
    found: dict[Family, Wanted] = {}
    members: dict[Family, list[tuple[int, Series]]] = {}
    for one, series in known.items():
        members.setdefault(series.family, []).append((one, series))
    for name, family, part in named:
        late = LATE_LABELS.get(part)
        early = [m for m in matchers if m.name not in (METRIC_NAME, late)]
        own = members.get(family, [])
        chosen = dict(own)
        if early:
            passed = set(passing(early, [series.labels for _, series in own]))
            chosen = {one: series for one, series in own if series.labels in passed}
        if not chosen:
            continue
        wanted = found.setdefault(family, Wanted(len(own) if among is None else among))
        wanted.series.update(chosen)
        wanted.labels[part] = {one: named_so(own.labels, name) for one, own in chosen.items()}
        wanted.late[part] = [m for m in matchers if m.name == late]
    return found


def by_late_label(
    named: Sequence[Named], matchers: Sequence[Matcher]
) -> Iterator[tuple[list[Named], list[Matcher]]]:
    """Names, and the matchers that their series' own labels must pass."""
    for late in dict.fromkeys(LATE_LABELS.get(one.part) for one in named):
        own = [one for one in named if LATE_LABELS.get(one.part) == late]
        yield own, [m for m in matchers if m.name not in (METRIC_NAME, late)]


def named_so(labels: Labels, name: str) -> Labels:
    """The labels with the metric's name, where they are sorted to."""
    pair = (METRIC_NAME, name)
    if not labels or labels[0][0] > METRIC_NAME:
        return (pair, *labels)
    place = bisect_left(labels, pair)
    if METRIC_NAME in (key for key, _ in labels[max(0, place - 1) : place + 1]):
        return with_label(labels, METRIC_NAME, name)
    return (*labels[:place], pair, *labels[place:])


def together(several: Sequence[Wanted]) -> Wanted:
    """The series of all of them, which are of one kind."""
    whole = Wanted(sum(one.among for one in several))
    for one in several:
        whole.series.update(one.series)
        for part, labels in one.labels.items():
            whole.labels.setdefault(part, {}).update(labels)
            whole.late[part] = one.late[part]
    return whole


def labelled(ids: Sequence[int], samples: Ragged, labels: Mapping[int, Labels]) -> Block:
    """The samples of series with these ids; those that have no labels are left out."""
    keep = np.array([one in labels for one in ids], dtype=np.bool_)
    if not keep.all():
        lengths = np.diff(samples.offsets)
        inside = np.repeat(keep, lengths)
        offsets = np.concatenate(([0], np.cumsum(lengths[keep]))).astype(np.int64)
        samples = Ragged(offsets, samples.times[inside], samples.values[inside])
    return Block([labels[one] for one in ids if one in labels], samples)
