"""What a query reads: one tenant's part of one instant."""

import itertools
import weakref
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from goldeneye.snapshot import FileEntry
from goldeneye.telemetry import TRACE_FILTER_FAILURES
from storage.book import Book
from storage.hot import Chunk
from storage.pins import Pins
from storage.table_files import NO_FILES
from storage.trace_filter import TraceHash, may_have, name_of, trace_hash


class TenantSnapshot:
    """One tenant's part of the book's state (goldeneye.snapshot.Snapshot).

    Holding the chunks keeps their memory, and the pin the files, until the end of the `with`
    block, or until nothing refers to it any more.
    """

    def __init__(self, book: Book, tenant: str, pins: Pins) -> None:
        # Before the state is read: a file that it names is then not deleted.
        self._give_back = weakref.finalize(self, pins.give_back, pins.take())
        state = book.state
        self._files = {table: own for (owner, table), own in state.files.items() if owner == tenant}
        self.hot: tuple[Chunk, ...] = tuple(
            chunk
            for generation in state.generations.values()
            for (owner, _), chunks in generation.chunks.items()
            if owner == tenant
            for chunk in chunks
        )

    @property
    def files(self) -> tuple[FileEntry, ...]:
        return tuple(itertools.chain.from_iterable(self._files.values()))

    def files_within(
        self, table: str, min_ns: int | None, max_ns: int | None
    ) -> Sequence[FileEntry]:
        return self._files.get(table, NO_FILES).within(min_ns, max_ns)

    def files_with_traces(
        self, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        wanted = [trace_hash(trace_id) for trace_id in trace_ids]
        return [file for file in files if _may_have(file, wanted)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hot = ()
        self._give_back()


def _may_have(file: FileEntry, wanted: Sequence[TraceHash]) -> bool:
    """True also where there is no filter that could be asked: the file is then read."""
    try:
        return may_have(name_of(file.path), wanted)
    except (OSError, ValueError):
        TRACE_FILTER_FAILURES.inc()
        return True
