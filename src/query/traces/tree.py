"""The spans of one trace as trees: nothing is lost, and what is odd is named.

A span is the index of its row. Nothing recurses: a trace may be as deep as it has spans.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

# `no_parent`: it names none. `missing_parent`: that span is not there. `cycle`: its ancestors lead
# back to it, so that the circle has to be cut somewhere.
RootReason = Literal["no_parent", "missing_parent", "cycle"]


class Link(NamedTuple):
    """What a span says of its place."""

    span_id: str
    parent_span_id: str | None
    start_ns: int | None


@dataclass(frozen=True)
class Forest:
    """`order` has each span once, parents before children, siblings and roots by start.

    `parent` is -1 for roots. Of spans that share an id the first one has the children.
    """

    order: Sequence[int]
    depth: Sequence[int]
    parent: Sequence[int]
    children: Sequence[Sequence[int]]
    roots: Mapping[int, RootReason]
    missing_parents: Mapping[str, Sequence[int]]  # id -> the spans that name it
    duplicates: Mapping[str, Sequence[int]]  # id -> the spans that share it
    cycles: Sequence[Sequence[int]]  # each from a child to its parent, the root last


def forest(spans: Sequence[Link]) -> Forest:
    """The trees of these spans."""
    by_time = sorted(range(len(spans)), key=lambda one: (*_time(spans[one]), one))
    sharing = _sharing(spans, by_time)
    parent, missing = _parents(spans, by_time, sharing)
    reasons: dict[int, RootReason] = {
        one: "no_parent" if spans[one].parent_span_id is None else "missing_parent"
        for one in by_time
        if parent[one] < 0
    }
    cycles = _cut(parent, by_time)
    reasons.update((cycle[-1], "cycle") for cycle in cycles)
    children: list[list[int]] = [[] for _ in spans]
    for one in by_time:
        if parent[one] >= 0:
            children[parent[one]].append(one)
    roots = {one: reasons[one] for one in by_time if one in reasons}
    order, depth = _walk(list(roots), children)
    duplicates = {id_: same for id_, same in sharing.items() if len(same) > 1}
    return Forest(order, depth, parent, children, roots, missing, duplicates, cycles)


def _time(span: Link) -> tuple[bool, int]:
    return span.start_ns is None, span.start_ns or 0


def _sharing(spans: Sequence[Link], by_time: Sequence[int]) -> dict[str, list[int]]:
    """The spans of each id."""
    sharing: dict[str, list[int]] = {}
    for one in by_time:
        sharing.setdefault(spans[one].span_id, []).append(one)
    return sharing


def _parents(
    spans: Sequence[Link], by_time: Sequence[int], sharing: Mapping[str, Sequence[int]]
) -> tuple[list[int], dict[str, list[int]]]:
    """Each span's parent, -1 where there is none, and those that are missing."""
    parent = [-1] * len(spans)
    missing: dict[str, list[int]] = {}
    for one in by_time:
        named = spans[one].parent_span_id
        if named is None:
            continue
        if named in sharing:
            parent[one] = sharing[named][0]
        else:
            missing.setdefault(named, []).append(one)
    return parent, missing


def _cut(parent: list[int], by_time: Sequence[int]) -> list[list[int]]:
    """The circles among the parents; the earliest span of each loses its parent."""
    rank = {one: at for at, one in enumerate(by_time)}
    walk = [-1] * len(parent)  # the number of the walk that came by
    cycles: list[list[int]] = []
    for number, start in enumerate(by_time):
        at = start
        while at >= 0 and walk[at] < 0:
            walk[at] = number
            at = parent[at]
        if at >= 0 and walk[at] == number:
            cycles.append(_cycle(parent, at, rank))
            parent[cycles[-1][-1]] = -1
    return cycles


def _cycle(parent: Sequence[int], member: int, rank: Mapping[int, int]) -> list[int]:
    found = [member]
    while (above := parent[found[-1]]) != member:
        found.append(above)
    first = found.index(min(found, key=rank.__getitem__))
    return found[first + 1 :] + found[: first + 1]


def _walk(roots: Sequence[int], children: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    order: list[int] = []
    depth = [0] * len(children)
    ahead = list(reversed(roots))
    while ahead:
        one = ahead.pop()
        order.append(one)
        for child in reversed(children[one]):
            depth[child] = depth[one] + 1
            ahead.append(child)
    return order, depth
