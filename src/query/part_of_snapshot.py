"""A part of a snapshot: one file of a table, or all but those whose rows are known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from goldeneye.snapshot import FileEntry, HotChunk, Snapshot


class FilesChanged(Exception):
    """The snapshot lacks a file of the part: meanwhile it was merged, or let go."""


@dataclass(frozen=True)
class Part:
    """Of a table only the file `only`, without hot rows; or all files but those of `without`."""

    table: str
    only: str | None = None
    without: frozenset[str] = frozenset()


class PartOfSnapshot:
    """See goldeneye.snapshot.Snapshot."""

    def __init__(self, snapshot: Snapshot, part: Part) -> None:
        """Raises FilesChanged, and gives the snapshot back."""
        self._snapshot = snapshot
        self._part = part
        named = part.without | ({part.only} if part.only is not None else set())
        if named - {file.id for file in snapshot.files_within(part.table, None, None)}:
            snapshot.__exit__(None, None, None)
            raise FilesChanged

    @property
    def hot(self) -> Sequence[HotChunk]:
        return () if self._part.only is not None else self._snapshot.hot

    @property
    def files(self) -> Sequence[FileEntry]:
        return self._kept(self._snapshot.files)

    def files_within(
        self, table: str, min_ns: int | None, max_ns: int | None
    ) -> Sequence[FileEntry]:
        return self._kept(self._snapshot.files_within(table, min_ns, max_ns))

    def files_with_traces(
        self, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        return self._snapshot.files_with_traces(files, trace_ids)

    def __enter__(self) -> Self:
        self._snapshot.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._snapshot.__exit__(kind, error, trace)

    def _kept(self, files: Sequence[FileEntry]) -> Sequence[FileEntry]:
        only, without = self._part.only, self._part.without
        if only is not None:
            return [file for file in files if file.id == only]
        return [file for file in files if file.id not in without]
