"""Few rows that a statement finds in each file: of large files remembered, of all else as read."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import FilesChanged, Part
from query.reads import Reads, Statement
from query.summaries.remembered import Remembered
from query.summaries.rollups import large_files

Memory = Remembered[pa.Table]
# Files are merged while the question is answered; more often than this they are not.
_ATTEMPTS: Final = 3


def found_in_files(
    reader: Reader, memory: Memory, statement: Statement, window: Window
) -> Sequence[pa.Table]:
    """What the statement finds in parts of its one table that together are all of the window.

    Of files it finds rows before the window too, never after it. It has to say nothing of time,
    and to be the only one of its `sql` that `memory` is used for.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _parts(reader, memory, statement, window)
        except FilesChanged:
            continue
    return [_read(reader, statement, window, None)]


def _parts(
    reader: Reader, memory: Memory, statement: Statement, window: Window
) -> Sequence[pa.Table]:
    [table] = statement.tables
    parts, known = [], set()
    for file in large_files(reader, table, window):
        if file.max_time_ns >= window.end_ns:
            continue
        own = memory.get((statement.sql, file.id))
        if own is None:
            own = _read(reader, statement, None, Part(table, only=file.id))
            if file.path not in reader.missing_files:
                memory.put((statement.sql, file.id), own)
        parts.append(own)
        known.add(file.id)
    return [*parts, _read(reader, statement, window, Part(table, without=frozenset(known)))]


def _read(
    reader: Reader, statement: Statement, window: Window | None, part: Part | None
) -> pa.Table:
    start_ns, end_ns = (None, None) if window is None else window
    return reader.read(Reads([statement], start_ns, end_ns, part=part))[0]
