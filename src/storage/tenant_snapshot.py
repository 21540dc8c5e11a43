"""What a query reads: one tenant's part of one instant."""

import weakref
from types import TracebackType
from typing import Self

from goldeneye.snapshot import FileEntry
from storage.book import Book
from storage.hot import Chunk
from storage.pins import Pins


class TenantSnapshot:
    """One tenant's part of the book's state (goldeneye.snapshot.Snapshot).

    Holding the chunks keeps their memory, and the pin the files, until the end of the `with`
    block, or until nothing refers to it any more.
    """

    def __init__(self, book: Book, tenant: str, pins: Pins) -> None:
        # Before the state is read: a file that it names is then not deleted.
        self._give_back = weakref.finalize(self, pins.give_back, pins.take())
        state = book.state
        self.files: tuple[FileEntry, ...] = state.files.get(tenant, ())
        self.hot: tuple[Chunk, ...] = tuple(
            chunk
            for generation in state.generations.values()
            for (owner, _), chunks in generation.chunks.items()
            if owner == tenant
            for chunk in chunks
        )

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
