"""Where calls are from."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from goldeneye.snapshot import FileEntry
from query.part_of_snapshot import Part
from query.service_map.known_calls import KnownCalls
from query.service_map.moments import Moments
from query.service_map.tally import Tally

TABLE: Final = "spans"


class Rest(NamedTuple):
    """Of a range of its spans, so that whatever lies within can be counted."""

    known: KnownCalls
    moments: Moments


@dataclass(frozen=True)
class Source:
    """A file, or else all spans that are in none; `tally` has its own pairs of the range."""

    part: Part
    file: FileEntry | None
    known: KnownCalls
    tally: Tally | None
