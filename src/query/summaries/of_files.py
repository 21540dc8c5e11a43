"""Few rows that a statement finds in each file, and in hot rows: remembered of each."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import FilesChanged
from query.reads import Reads, Statement
from query.summaries.of_pieces import Memory, found_in_file, found_in_pieces, without_piece

# Files are merged while the question is answered; more often than this they are not.
_ATTEMPTS: Final = 3


def found_in_files(
    reader: Reader, memory: Memory, statement: Statement, window: Window
) -> Sequence[pa.Table]:
    """What the statement finds in parts of its one table that together are all of the window.

    It finds rows before the window too, never after it. It has to say nothing of time, to be
    `by_piece`, and to be the only one of its `sql` that `memory` is used for.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _parts(reader, memory, statement, window)
        except FilesChanged:
            continue
    return [without_piece(found) for found in reader.read(Reads([statement], *window))]


def _parts(
    reader: Reader, memory: Memory, statement: Statement, window: Window
) -> Sequence[pa.Table]:
    parts, large = found_in_pieces(reader, memory, statement, window)
    return [*parts, *(found_in_file(reader, memory, statement, file) for file in large)]
