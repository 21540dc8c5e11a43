"""All that is remembered of files, for as long as the process lives."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from goldeneye import limits
from query.service_map.memory import CallMemory
from query.summaries.counts import Counts, Names
from query.summaries.remembered import Remembered


class Stretch(NamedTuple):
    """Rows of a log file: their first and last time, and the runs of letters of their texts, each
    with a newline; None where these are not known."""

    first_ns: int
    last_ns: int
    letters: str | None


class RollupMemory:
    """The counts of large files, those of small pieces, and the numbers of their services."""

    def __init__(self) -> None:
        self.names = Names()
        self.counts: Remembered[Counts] = Remembered(
            limits.MAX_REMEMBERED_COUNTS, lambda counts: counts.rows + 1
        )
        self.pieces: Remembered[Counts] = Remembered(
            limits.MAX_COUNTED_BY_PIECE, lambda counts: counts.rows + 1
        )


class Memory:
    """Shared by all questions; any thread may ask."""

    def __init__(self) -> None:
        self.rollups = RollupMemory()
        self.calls = CallMemory()
        self.few: Remembered[pa.Table] = Remembered(
            limits.MAX_REMEMBERED_ROWS, lambda rows: rows.num_rows + 1
        )
        self.letters: Remembered[Sequence[Stretch]] = Remembered(
            limits.MAX_REMEMBERED_LETTERS_BYTES,
            lambda stretches: 100 + sum(100 + len(one.letters or "") for one in stretches),
        )
        self.senders: Remembered[pa.Table] = Remembered(
            limits.MAX_REMEMBERED_SENDERS, lambda senders: senders.num_rows + 1
        )

    def forget_rollups(self) -> None:
        """What has begun to use them goes on doing so."""
        self.rollups = RollupMemory()

    def forget_calls(self) -> None:
        """As forget_rollups."""
        self.calls = CallMemory()
