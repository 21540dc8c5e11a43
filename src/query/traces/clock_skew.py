"""By how much the clocks of hosts differ, as far as a trace shows it: Jaeger's rules.

A span of another host than its parent's ought to lie within its parent; where it does not, it and
what it calls on its host are moved. Times as sent are never changed: the move is stated beside.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from query.traces.self_time import Interval
from query.traces.tree import Forest

_HOST_KEYS: Final = ("host.id", "host.ip", "host.name")


class Timed(NamedTuple):
    """A span's start and end, None where they are not known, and its host, empty where unknown."""

    times_ns: Interval | None
    host: str


class Adjustment(NamedTuple):
    """What is to be added to a span's times, and what is to be said of it."""

    delta_ns: int
    warnings: tuple[str, ...]


_NONE: Final = Adjustment(0, ())


class _Skew(NamedTuple):
    """What was found between a host and its caller's."""

    host: str
    delta_ns: int


def host_of(resource_attributes: Mapping[str, Any]) -> str:
    """What tells one host's clock from another's; empty where nothing does."""
    for key in _HOST_KEYS:
        if key not in resource_attributes:
            continue
        value = resource_attributes[key]
        if key == "host.ip" and isinstance(value, list):
            value = next(iter(value), "")
        return value if isinstance(value, str) else ""
    return ""


def adjustments(forest: Forest, spans: Sequence[Timed], max_ns: int) -> list[Adjustment]:
    """Of each span; moves of more than `max_ns` are not made, only told, and none are with 0."""
    unmatched = {one: id_ for id_, named in forest.missing_parents.items() for one in named}
    copies = {one for same in forest.duplicates.values() for one in same[1:]}
    found = [_NONE] * len(spans)
    skews: dict[int, _Skew] = {}
    for one in forest.order:
        if one in copies:
            found[one] = Adjustment(0, ("its span id is not unique: its clock is not adjusted",))
            continue
        parent = forest.parent[one]
        if parent < 0:
            skews[one] = _Skew(spans[one].host, 0)
        else:
            skews[one] = _skew(spans[one], spans[parent], found[parent].delta_ns, skews[parent])
        found[one] = _limited(skews[one].delta_ns, max_ns)
        if one in unmatched:
            words = f"its parent {unmatched[one]} is not in the trace: its clock is not adjusted"
            found[one] = Adjustment(0, (words,))
    return found


def _skew(span: Timed, parent: Timed, moved_ns: int, above: _Skew) -> _Skew:
    if span.host and span.host == above.host:
        return above
    return _Skew(span.host, _delta_ns(span, parent, moved_ns))


def _delta_ns(span: Timed, parent: Timed, moved_ns: int) -> int:
    """What brings the span into its parent, which was moved already."""
    if span.times_ns is None or parent.times_ns is None:
        return 0
    start_ns, end_ns = span.times_ns
    parent_start_ns, parent_end_ns = (at_ns + moved_ns for at_ns in parent.times_ns)
    room_ns = (parent_end_ns - parent_start_ns) - (end_ns - start_ns)
    if room_ns < 0:
        # It went on when its parent had stopped waiting: only its start says anything.
        return max(0, parent_start_ns - start_ns)
    if start_ns >= parent_start_ns and end_ns <= parent_end_ns:
        return 0
    # As much time went by on the way there as on the way back.
    return parent_start_ns + room_ns // 2 - start_ns


def _limited(delta_ns: int, max_ns: int) -> Adjustment:
    if delta_ns == 0:
        return _NONE
    if abs(delta_ns) <= max_ns:
        return Adjustment(delta_ns, (f"its times are to be adjusted by {delta_ns} ns",))
    if max_ns == 0:
        words = f"adjusting clocks is off: not adjusted by {delta_ns} ns"
    else:
        words = f"clocks differ by more than {max_ns} ns: not adjusted by {delta_ns} ns"
    return Adjustment(0, (words,))
