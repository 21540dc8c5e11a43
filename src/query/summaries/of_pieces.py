"""What a statement finds in small files and in hot rows: each such piece is read once."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye import limits
from goldeneye.snapshot import FileEntry, HotChunk, Snapshot
from query.asking.reader import Reader
from query.asking.window import Window
from query.hot_times import chunks_within
from query.part_of_snapshot import Part, PieceId, Pieces
from query.reads import Found, Reads, Statement
from query.summaries.remembered import Remembered

Memory = Remembered[pa.Table]


class InPieces(NamedTuple):
    """What was found, and in which large files it is not looked for yet."""

    parts: list[pa.Table]
    large: list[FileEntry]


def is_large(file: FileEntry) -> bool:
    """Whether it is worth being read by itself."""
    return file.row_count >= limits.MIN_REMEMBERED_ROWS


def found_in_pieces(
    reader: Reader, memory: Memory, statement: Statement, window: Window, bounded: bool = True
) -> InPieces:
    """Of all pieces with rows of the window; of rows before it too, and where it is not `bounded`
    also after it.

    The statement is `by_piece`, and says nothing of time. Large files are read here only where
    they have rows after a window that is bounded. Raises what QueryService.read raises.
    """
    asking = _Asking(memory, statement, window, bounded)
    for found in reader.read_chosen(asking.choose):
        asking.learn(found)
    return InPieces([*asking.known.values(), *asking.others], asking.large)


def found_in_file(
    reader: Reader, memory: Memory, statement: Statement, file: FileEntry
) -> pa.Table:
    """As found_in_pieces, of one file. Raises FilesChanged."""
    key = (statement.sql, file.id)
    rows = memory.get(key)
    if rows is None:
        [table] = statement.tables
        [found] = reader.read(Reads([statement], part=Part(table, only=file.id)))
        rows = without_piece(found)
        if file.path not in reader.missing_files:
            memory.put(key, rows)
    return rows


def without_piece(rows: pa.Table) -> pa.Table:
    """What a statement `by_piece` found, where it does not matter any more in which piece."""
    return rows.drop_columns(["piece"]) if rows.num_columns else rows


class _Asking:
    def __init__(self, memory: Memory, statement: Statement, window: Window, bounded: bool) -> None:
        self._memory = memory
        self._statement = statement
        self._window = window
        self._bounded = bounded
        self._new: list[PieceId] = []
        self.known: dict[PieceId, pa.Table] = {}
        self.others: list[pa.Table] = []
        self.large: list[FileEntry] = []

    def choose(self, snapshot: Snapshot) -> Sequence[Reads]:
        [table] = self._statement.tables
        start_ns, end_ns = self._window
        files = snapshot.files_within(table, start_ns, end_ns - 1)
        chunks = chunks_within(snapshot, table, start_ns, end_ns - 1)
        pieces: list[FileEntry | HotChunk] = [*files, *chunks]
        late = [one.id for one in pieces if self._bounded and one.max_time_ns >= end_ns]
        self.large = [file for file in files if is_large(file) and file.id not in late]
        apart = {*late, *(file.id for file in self.large)}
        whole = [one.id for one in pieces if one.id not in apart]
        found = {piece: self._memory.get((self._statement.sql, piece)) for piece in whole}
        self.known = {piece: rows for piece, rows in found.items() if rows is not None}
        self._new = [piece for piece in whole if piece not in self.known]
        return [*self._reads(self._new, None, None), *self._reads(late, start_ns, end_ns)]

    def _reads(
        self, pieces: Sequence[PieceId], start_ns: int | None, end_ns: int | None
    ) -> list[Reads]:
        chosen = Pieces(frozenset(pieces))
        return [Reads([self._statement], start_ns, end_ns, pieces=chosen)] if pieces else []

    def learn(self, found: Found) -> None:
        [rows], [pieces] = found.tables, found.pieces.values()
        if not set(pieces) & set(self._new):
            self.others.append(without_piece(rows))
            return
        for number, piece in enumerate(pieces):
            # A slice would keep all of the rows in memory.
            own = rows.filter(pc.equal(rows.column("piece"), number)) if rows.num_rows else rows
            self.known[piece] = without_piece(own)
            self._memory.put((self._statement.sql, piece), self.known[piece])
