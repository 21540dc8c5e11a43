"""Ranges of minutes that are still to be counted."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from alerting.slo.minutes import Integers

# So many minutes are rather counted again than left out by one more query.
BRIDGED_MINUTES: Final = 120
# First minute, and the first one after.
Stretch = tuple[int, int]


def missing(minute: Integers, first: int, end: int) -> tuple[Stretch, ...]:
    """What the minutes, in order of time, leave out between `first` and before `end`."""
    inside = minute[(minute >= first) & (minute < end)]
    edges = np.concatenate(([first - 1], inside, [end]))
    at = np.flatnonzero(np.diff(edges) > 1)
    return tuple((int(edges[i]) + 1, int(edges[i + 1])) for i in at)


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same minutes, in order, without those that touch."""
    found = list[Stretch]()
    for first, end in sorted(one for one in stretches if one[0] < one[1]):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return tuple(found)


def newest(stretches: Sequence[Stretch], most: int) -> Stretch:
    """The last `most` minutes; several stretches with what lies between, where that is little."""
    first, end = stretches[-1]
    for earlier, earlier_end in reversed(stretches[:-1]):
        if first - earlier_end > BRIDGED_MINUTES or earlier_end <= end - most:
            break
        first = earlier
    return max(first, end - most), end


def less(stretches: Sequence[Stretch], done: Stretch) -> tuple[Stretch, ...]:
    """What is left when `done` is."""
    first, end = done
    before = [(low, min(high, first)) for low, high in stretches]
    return joined([*before, *((max(low, end), high) for low, high in stretches)])
