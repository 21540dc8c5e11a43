"""What came late: rows of minutes that were counted without them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Arrival(NamedTuple):
    """`rows` of the minutes from `first` to before `end` were received in the minute `received`."""

    first: int
    end: int
    received: int
    rows: int


class ReadBy(NamedTuple):
    """What a source reads, and for how many minutes after its own a row still counts."""

    places: frozenset[str]
    later_minutes: int = 0


@dataclass(frozen=True)
class Arrivals:
    """By place, such as a table, what arrived; and what each of the sources reads, in order."""

    by_place: Mapping[str, Sequence[Arrival]]
    read_by: Sequence[ReadBy]
