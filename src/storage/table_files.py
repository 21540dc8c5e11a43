"""The files of one tenant's table, of which a time range is found without a look at each."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldeneye.snapshot import FileEntry

_Times = NDArray[np.int64]
_NONE: _Times = np.empty(0, np.int64)


class TableFiles:
    """Immutable; in the order of their commits."""

    def __init__(
        self, entries: tuple[FileEntry, ...] = (), min_ns: _Times = _NONE, max_ns: _Times = _NONE
    ) -> None:
        """The arrays are the entries' times: 100,000 are compared in under a millisecond."""
        self.entries = entries
        self._min_ns = min_ns
        self._max_ns = max_ns

    def __iter__(self) -> Iterator[FileEntry]:
        return iter(self.entries)

    def plus(self, more: Iterable[FileEntry]) -> "TableFiles":
        added = tuple(more)
        min_ns = np.array([entry.min_time_ns for entry in added], np.int64)
        max_ns = np.array([entry.max_time_ns for entry in added], np.int64)
        return TableFiles(
            self.entries + added,
            np.concatenate((self._min_ns, min_ns)),
            np.concatenate((self._max_ns, max_ns)),
        )

    def minus(self, ids: Collection[str]) -> "TableFiles":
        """Without those ids; itself where it has none of them."""
        kept = tuple(entry for entry in self.entries if entry.id not in ids)
        if len(kept) == len(self.entries):
            return self
        stays = np.fromiter((entry.id not in ids for entry in self.entries), np.bool_)
        return TableFiles(kept, self._min_ns[stays], self._max_ns[stays])

    def within(self, min_ns: int | None, max_ns: int | None) -> list[FileEntry]:
        """Those that may have rows of these times, both ends included, None for no bound."""
        found = np.ones(len(self.entries), np.bool_)
        if min_ns is not None:
            found &= self._max_ns >= min_ns
        if max_ns is not None:
            found &= self._min_ns <= max_ns
        entries = self.entries
        return [entries[at] for at in np.flatnonzero(found)]


NO_FILES: Final = TableFiles()
