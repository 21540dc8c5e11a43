"""A snapshot with fewer files, whatever they are chosen by."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from goldeneye.snapshot import FileEntry, HotChunk, Snapshot


class NarrowedSnapshot(ABC):
    """See goldeneye.snapshot.Snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @abstractmethod
    def _kept(self, files: Sequence[FileEntry]) -> Sequence[FileEntry]:
        """Those of the files that it has."""

    @property
    def hot(self) -> Sequence[HotChunk]:
        return self._snapshot.hot

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
