"""Statements of our own that say what they read, so that nobody has to find it out of their SQL.

They skip what users' SQL goes through: no analysis, no rewriting, one message to the worker. So
they read stored tables only, and columns by their own names: `"attributes.http.route"`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from goldeneye.schemas import DEFAULT_TENANT
from goldeneye.snapshot import Snapshot
from query.part_of_snapshot import Part, PieceId, Pieces
from query.plan import Plan

# Stored table -> names of its columns (`attributes` and `resource_attributes` too, which are made
# of many); None for all that are stored, which are then those of the files and hot rows at hand.
Columns = Mapping[str, Sequence[str] | None]


@dataclass(frozen=True)
class Statement:
    """One SELECT over `tables`, with values for `$name`.

    The names `<table>_<number>`, `start_ns` and `end_ns` are taken. One that `only_selects` has no
    rows where its tables have none; then it is not run, and its answer has no columns either. Of
    more than `most` rows the first that were found are answered, which is quicker than LIMIT. One
    with `all_of_trace` selects `most` whole rows of that trace from its one table: where these can
    be read without SQL, it is not run. Of one of `letters` the answer is not its times and
    texts, but the runs of letters in them (worker/letters.py). In the one table of one `by_piece`,
    which has no rows that are derived from hot ones, `piece` is the number of the file or hot
    chunk that a row is in (Found.pieces).
    """

    sql: str
    tables: Columns
    params: Mapping[str, Any] = field(default_factory=dict)
    only_selects: bool = False
    most: int | None = None
    all_of_trace: str | None = None
    letters: bool = False
    by_piece: bool = False


@dataclass(frozen=True)
class Reads:
    """Statements over one snapshot, bounded as SqlQuery is.

    With `trace_ids`, files that have none of these traces are not opened: the statements must ask
    for nothing else. Nor are files with `received_since_ns` whose rows were all received before.
    With `part` they see not all of a table, with `pieces` these only. `max_rows` stands in for
    query.max_rows.
    """

    statements: Sequence[Statement]
    start_ns: int | None = None
    end_ns: int | None = None
    trace_ids: Sequence[str] | None = None
    tenant: str = DEFAULT_TENANT
    part: Part | None = None
    max_rows: int | None = None
    received_since_ns: int | None = None
    pieces: Pieces | None = None

    def plan(self) -> Plan:
        """Which rows of which stored tables matter."""
        last_ns = None if self.end_ns is None else self.end_ns - 1
        tables = dict.fromkeys(table for one in self.statements for table in one.tables)
        return dict.fromkeys(tables, (self.start_ns, last_ns, self.trace_ids))


@dataclass(frozen=True)
class Found:
    """One table for each statement, whole; of each stored table the ids of its files, then of its
    hot chunks, as they were numbered."""

    tables: Sequence[pa.Table]
    files_read: int
    missing_files: Sequence[str]
    pieces: Mapping[str, Sequence[PieceId]] = field(default_factory=dict)


# Looks at a snapshot, and says what is to be read of it.
Choose = Callable[[Snapshot], Sequence[Reads]]


class Reading(Protocol):
    """Whoever answers statements: in the server, or in a worker."""

    def read(self, reads: Reads) -> Sequence[pa.Table]:
        """A table for each statement."""
        ...
