"""Where in time a table's rows are, as the catalog knows: what a search goes by."""

from collections.abc import Sequence
from typing import NamedTuple

from goldeneye.snapshot import Snapshot


class RowsOfTime(NamedTuple):
    """Of one file; both times are of rows that it has."""

    min_ns: int
    max_ns: int
    row_count: int


def rows_of_times(
    snapshot: Snapshot, table: str, start_ns: int | None, end_ns: int | None
) -> Sequence[RowsOfTime]:
    """One for each file that may have rows from `start_ns` (inclusive) to `end_ns` (exclusive)."""
    files = snapshot.files_within(table, start_ns, None if end_ns is None else end_ns - 1)
    return [RowsOfTime(file.min_time_ns, file.max_time_ns, file.row_count) for file in files]
