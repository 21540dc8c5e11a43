"""A part of a snapshot: one file of a table, all but those whose rows are known, or pieces."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldeneye.snapshot import FileEntry, HotChunk, Snapshot
from query.narrowed_snapshot import NarrowedSnapshot


class FilesChanged(Exception):
    """The snapshot lacks a file of the part: meanwhile it was merged, or let go."""


@dataclass(frozen=True)
class Part:
    """Of a table only the file `only`, without hot rows; or all files but those of `without`."""

    table: str
    only: str | None = None
    without: frozenset[str] = frozenset()


# FileEntry.id, or HotChunk.id.
PieceId = str | int


@dataclass(frozen=True)
class Pieces:
    """Of all tables only these files and hot chunks."""

    ids: frozenset[PieceId]


class PiecesOfSnapshot(NarrowedSnapshot):
    """Some files and hot chunks; they are still the whole snapshot's to give back."""

    def __init__(self, snapshot: Snapshot, pieces: Pieces) -> None:
        super().__init__(snapshot)
        self._ids = pieces.ids

    @property
    def hot(self) -> Sequence[HotChunk]:
        return [chunk for chunk in self._snapshot.hot if chunk.id in self._ids]

    def _kept(self, files: Sequence[FileEntry]) -> Sequence[FileEntry]:
        return [file for file in files if file.id in self._ids]


class PartOfSnapshot(NarrowedSnapshot):
    """One file of a table, or all but some."""

    def __init__(self, snapshot: Snapshot, part: Part) -> None:
        """Raises FilesChanged, and gives the snapshot back."""
        super().__init__(snapshot)
        self._part = part
        named = part.without | ({part.only} if part.only is not None else set())
        if named - {file.id for file in snapshot.files_within(part.table, None, None)}:
            snapshot.__exit__(None, None, None)
            raise FilesChanged

    @property
    def hot(self) -> Sequence[HotChunk]:
        return () if self._part.only is not None else self._snapshot.hot

    def _kept(self, files: Sequence[FileEntry]) -> Sequence[FileEntry]:
        only, without = self._part.only, self._part.without
        if only is not None:
            return [file for file in files if file.id == only]
        return [file for file in files if file.id not in without]
