"""Counts of rollups in what is small: files that are soon merged, and hot rows.

Each such piece is counted once, by minutes, and remembered until a flush or a merge replaces it.
"""

from collections.abc import Hashable, Sequence, Set
from typing import Final

import numpy as np

from goldeneye import limits
from goldeneye.snapshot import FileEntry, HotChunk, Snapshot
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.hot_times import chunks_within
from query.part_of_snapshot import PieceId, Pieces
from query.percentiles.asked import MINUTE_NS
from query.percentiles.entries import ENTRY_SQL, READ_COLUMNS
from query.reads import Found, Reads, Statement
from query.summaries.counts import EMPTY, Counts, Numbers
from query.summaries.memory import RollupMemory
from query.summaries.of_pieces import is_large
from query.summaries.statement import TABLE, rollup_counts_sql

_SOURCE: Final = "spans"


class TooManyPieces(Exception):
    """What is not known has more rows than are counted by piece."""


class Counting:
    """One question: what it counts of the snapshot that it was shown last."""

    def __init__(self, reader: Reader, memory: RollupMemory, window: Window, minutes: Window):
        """`minutes` are the whole ones of the window."""
        self._reader = reader
        self._memory = memory
        self._window = window
        self._minutes = minutes
        self._known: dict[PieceId, Counts] = {}
        self._chunks: Sequence[HotChunk] = ()
        self._replaced: Set[Hashable] = frozenset()
        self.covered = minutes
        self.large: list[FileEntry] = []

    def counts(self) -> Counts:
        """Of all but the `large` files, in what is `covered`. Raises TooManyNames, TooManyPieces,
        and what QueryService.read raises."""
        return Counts.joined(self._parts())

    def services(self) -> dict[str | None, Numbers]:
        """As `counts`: of each service the numbers of the minutes in which it has spans."""
        parts = self._parts()
        pairs = [part.services.astype(np.int64) << 32 | part.at for part in parts]
        found = np.unique(np.concatenate([EMPTY.astype(np.int64), *pairs]))
        numbers, first = np.unique(found >> 32, return_index=True)
        names = (self._memory.names.name(int(number)) for number in numbers)
        minutes = np.split(found & 0xFFFFFFFF, first[1:])
        return dict(zip(names, minutes, strict=False))

    def _parts(self) -> list[Counts]:
        found = self._reader.read_chosen(self._choose)
        for one in found:
            self._learn(one)
        self._memory.pieces.forget(self._replaced)
        first, last = self.units()
        return [counts.within(first, last) for counts in self._known.values()]

    def units(self) -> Window:
        """The numbers of the minutes that have some of what is covered."""
        start_ns, end_ns = self.covered
        return Window(start_ns // MINUTE_NS, -(-end_ns // MINUTE_NS))

    def _choose(self, snapshot: Snapshot) -> Sequence[Reads]:
        self.covered = _covered(snapshot, self._window, self._minutes)
        first, last = (minute * MINUTE_NS for minute in self.units())
        files = snapshot.files_within(TABLE, first, last - 1)
        self.large = [file for file in files if is_large(file)]
        small = [file for file in files if not is_large(file)]
        start_ns, end_ns = self.covered
        self._chunks = chunks_within(snapshot, _SOURCE, start_ns, end_ns - 1)
        self._known = self._remembered(small)
        new_files = [file for file in small if file.id not in self._known]
        new_chunks = [chunk for chunk in self._chunks if chunk.id not in self._known]
        rows = sum(file.row_count for file in new_files)
        if rows + sum(chunk.row_count for chunk in new_chunks) > limits.MAX_COUNTED_BY_PIECE:
            raise TooManyPieces
        # Others may learn of newer pieces until this question has read its own.
        self._replaced = self._memory.pieces.others(_pieces(snapshot))
        return [
            Reads([statement], pieces=Pieces(ids), max_rows=limits.MAX_COUNTED_BY_PIECE)
            for statement, ids in (
                (_of_files(), frozenset[PieceId](file.id for file in new_files)),
                (_of_chunks(self.covered), frozenset[PieceId](chunk.id for chunk in new_chunks)),
            )
            if ids
        ]

    def _remembered(self, files: Sequence[FileEntry]) -> dict[PieceId, Counts]:
        known: dict[PieceId, Counts] = {}
        pieces: list[FileEntry | HotChunk] = [*files, *self._chunks]
        for piece in pieces:
            counts = self._memory.pieces.get(piece.id)
            if counts is not None and not self._is_cut(piece, counts):
                known[piece.id] = counts
        return known

    def _learn(self, found: Found) -> None:
        [table], [pieces] = found.tables, found.pieces.values()
        counts = Counts.of(table, self._memory.names)
        bounds = np.searchsorted(table.column("piece").to_numpy(), np.arange(len(pieces) + 1))
        chunks = {chunk.id: chunk for chunk in self._chunks}
        for number, piece in enumerate(pieces):
            rows = slice(*bounds[number : number + 2])
            own = counts.part(rows)
            self._memory.pieces.put(piece, own)
            if piece in chunks and self._is_cut(chunks[piece], own):
                within = table.column("is_within")[rows.start : rows.stop]
                own = own.part(np.array(within, np.bool_))
            self._known[piece] = own

    def _is_cut(self, piece: FileEntry | HotChunk, counts: Counts) -> bool:
        """Whether it may have spans in a minute of which a part is covered only."""
        return isinstance(piece.id, int) and any(
            bound % MINUTE_NS
            and piece.min_time_ns < bound <= piece.max_time_ns
            and counts.has(bound // MINUTE_NS)
            for bound in self.covered
        )


def _pieces(snapshot: Snapshot) -> frozenset[PieceId]:
    files = snapshot.files_within(TABLE, None, None)
    return frozenset([*(file.id for file in files), *(chunk.id for chunk in snapshot.hot)])


def _covered(snapshot: Snapshot, window: Window, minutes: Window) -> Window:
    """The whole minutes, and at each end the rest of the window where rollups tell it as well."""
    start_ns, end_ns = minutes
    before = Window(start_ns - MINUTE_NS, window.start_ns)
    after = Window(window.end_ns, end_ns + MINUTE_NS)
    if _has_no_others(snapshot, before, Window(window.start_ns, start_ns)):
        start_ns = window.start_ns
    if _has_no_others(snapshot, after, Window(end_ns, window.end_ns)):
        end_ns = window.end_ns
    return Window(start_ns, end_ns)


def _has_no_others(snapshot: Snapshot, beside: Window, edge: Window) -> bool:
    """Whether the files' rollups of a minute are of spans of its part `edge` only."""
    first, last = min(beside, edge).start_ns, max(beside, edge).end_ns - 1
    if not snapshot.files_within(TABLE, first, last):
        return True
    if snapshot.files_within(_SOURCE, beside.start_ns, beside.end_ns - 1):
        return False
    # Rollups are kept for longer than spans are.
    return bool(snapshot.files_within(_SOURCE, None, edge.end_ns - 1))


def _of_files() -> Statement:
    text = rollup_counts_sql(f"piece, epoch_ns(minute) // {MINUTE_NS} AS unit,", "piece, unit")
    return Statement(text, {TABLE: READ_COLUMNS[TABLE]}, by_piece=True)


def _of_chunks(covered: Window) -> Statement:
    parts = {
        "is_entry": ENTRY_SQL,
        "bucket": sql("goldeneye", "duration_bucket"),
        "adjusted_count": sql("goldeneye", "adjusted_count"),
    }
    text = filled(sql("query.summaries", "hot_counts"), parts)
    params = {"first_ns": covered.start_ns, "before_ns": covered.end_ns}
    return Statement(text, {_SOURCE: READ_COLUMNS[_SOURCE]}, params, by_piece=True)
