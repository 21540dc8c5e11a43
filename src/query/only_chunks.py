"""A snapshot of some hot rows and nothing else, so that a query sees what has just arrived."""

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from goldeneye.snapshot import FileEntry, HotChunk


class OnlyChunks:
    """See goldeneye.snapshot.Snapshot."""

    files: Sequence[FileEntry] = ()

    def __init__(self, chunks: Sequence[HotChunk]) -> None:
        self.hot = chunks

    def files_within(
        self, table: str, min_ns: int | None, max_ns: int | None
    ) -> Sequence[FileEntry]:
        return ()

    def files_with_traces(
        self, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        return ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """There is nothing to give back."""
