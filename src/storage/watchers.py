"""Who is told of rows as they become visible."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from goldeneye.snapshot import HotChunk

Arrived = Callable[[HotChunk], None]


class Watchers:
    """By tenant and table; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Replaced whole, so that `tell` needs no lock.
        self._watching: dict[tuple[str, str], tuple[Arrived, ...]] = {}

    @contextmanager
    def watch(self, tenant: str, table: str, arrived: Arrived) -> Iterator[None]:
        """While the block runs, `arrived` is called with each chunk of rows, in their order.

        It runs in the thread that commits, which waits for it.
        """
        key = (tenant, table)
        with self._lock:
            self._watching[key] = (*self._watching.get(key, ()), arrived)
        try:
            yield
        finally:
            with self._lock:
                left = list(self._watching[key])
                left.remove(arrived)
                self._watching[key] = tuple(left)

    def tell(self, chunks: Iterable[HotChunk]) -> None:
        """The chunks are visible."""
        for chunk in chunks:
            for arrived in self._watching.get((chunk.tenant, chunk.table), ()):
                arrived(chunk)
