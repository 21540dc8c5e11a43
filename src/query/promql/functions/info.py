"""info: labels of info series (`target_info`) with the same `job` and `instance` added."""

from dataclasses import dataclass

import numpy as np

from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.labels import METRIC_NAME, Labels, braced, from_mapping, metric_name, only
from query.promql.matching import passing, passing_values
from query.promql.merging import merged
from query.promql.samples import Bools, Ints
from query.promql.selecting import latest, repeated
from query.promql.tree import Call, Matcher, MatchKind, Selector
from query.promql.vector import Vector

_IDENTITY = frozenset({"job", "instance"})
_POSITIVE = frozenset({MatchKind.EQUAL, MatchKind.REGEX})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which info series to look for, and which of their labels to add (all where empty)."""

    names: tuple[Matcher, ...]
    data: tuple[Matcher, ...]

    @property
    def required(self) -> bool:
        """Whether a series without info is to go."""
        return not all(passing_values(matcher, [""])[0] for matcher in self.data)

    @property
    def labels(self) -> frozenset[str]:
        """The labels to add."""
        return frozenset(matcher.name for matcher in self.data)


def _wanted(selector: Selector | None) -> _Wanted:
    matchers = () if selector is None else selector.matchers
    names = tuple(matcher for matcher in matchers if matcher.name == METRIC_NAME)
    data = tuple(matcher for matcher in matchers if matcher.name != METRIC_NAME)
    if not names:
        names = (Matcher(METRIC_NAME, MatchKind.EQUAL, "target_info"),)
    elif not any(matcher.kind in _POSITIVE for matcher in names):
        names = (*names, Matcher(METRIC_NAME, MatchKind.REGEX, ".+_info"))
    return _Wanted(names, data)


def info_matchers(call: Call) -> tuple[Matcher, ...]:
    """What the info series are looked for by."""
    wanted = _wanted(_selector(call))
    return (*wanted.names, *wanted.data)


def _selector(call: Call) -> Selector | None:
    selector = call.arguments[1] if len(call.arguments) > 1 else None
    assert selector is None or isinstance(selector, Selector)
    return selector


def info(call: Call, frame: Frame) -> Vector:
    """Each series with the labels of the info series that describe it at that step."""
    vector = frame.vector(call.arguments[0])
    wanted = _wanted(_selector(call))
    found, times = latest(frame, Selector(call.position, info_matchers(call)))
    found = repeated(found, frame.grid.count)
    rows: dict[Labels, list[int]] = {}
    for row, labels in enumerate(found.labels):
        rows.setdefault(only(labels, _IDENTITY), []).append(row)
    infos = set(passing(wanted.names, vector.labels))
    picks, masks, named = list[int](), list[Bools](), list[Labels]()
    for row, labels in enumerate(vector.labels):
        members = [] if labels in infos else rows.get(only(labels, _IDENTITY), [])
        keep_bare = labels in infos or not wanted.required
        described = _described(found, times, members, vector.present[row])
        for chosen, mask in described:
            if chosen or keep_bare:
                picks.append(row)
                masks.append(mask)
                named.append(_joined(labels, [found.labels[one] for one in chosen], wanted.labels))
    return _assembled(vector, picks, masks, named)


def _described(
    found: Vector, times: Ints, members: list[int], present: Bools
) -> list[tuple[tuple[int, ...], Bools]]:
    """The info series in force, and at which steps; () where there are none."""
    if not members:
        return [((), present)]
    active = _newest(found, times, members) & present
    columns, kinds = np.unique(active, axis=1, return_inverse=True)
    result = []
    for kind in range(columns.shape[1]):
        mask = present & (kinds.reshape(-1) == kind)
        if mask.any():
            chosen = tuple(members[i] for i in np.flatnonzero(columns[:, kind]).tolist())
            result.append((chosen, mask))
    return result


def _newest(found: Vector, times: Ints, members: list[int]) -> Bools:
    """Of the info series of one name only the one with the newest sample."""
    active = found.present[members].copy()
    names = [metric_name(found.labels[member]) for member in members]
    for name in set(names):
        same = [i for i, own in enumerate(names) if own == name]
        if len(same) == 1:
            continue
        taken = np.where(active[same], times[np.array(members)[same]], -1)
        newest = taken.max(axis=0)
        best = (taken == newest) & active[same]
        if (best.sum(axis=0) > 1).any():
            pair = ", ".join(braced(found.labels[members[i]]) for i in same[:2])
            raise PromqlError(f"found duplicate series for info metric: {pair}")
        active[same] = best
    return active


def _joined(labels: Labels, infos: list[Labels], wanted: frozenset[str]) -> Labels:
    own, added = dict(labels), dict[str, str]()
    for one in infos:
        for name, value in one:
            if name == METRIC_NAME or name in own or (wanted and name not in wanted):
                continue
            if added.setdefault(name, value) != value:
                raise PromqlError(f"conflicting label: {name}")
    return from_mapping({**added, **own})


def _assembled(vector: Vector, picks: list[int], masks: list[Bools], named: list[Labels]) -> Vector:
    part = vector.rows(np.array(picks, dtype=np.int64))
    present = np.array(masks, dtype=np.bool_).reshape(part.present.shape)
    whole = Vector(named, part.values, present, part.drop_name, part.histograms)
    return merged(whole).compact()


FUNCTIONS = {"info": info}
