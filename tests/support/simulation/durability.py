"""What of a file's bytes and of a folder's names survives a power cut."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

# Small, so that short records span several.
_SECTOR_BYTES = 64


class File:
    """The bytes that readers see, and those that are on the platter. Equal only to itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cached = b""
        self._durable = b""
        # The most that was written since the last sync: what was cut off again may survive.
        self._longest = b""
        # The kernel forgets pages that it could not write: a later sync says yes, and does nothing.
        self._is_doubtful = False

    def append(self, data: bytes) -> None:
        self.cached += data
        if len(self.cached) > len(self._longest):
            self._longest = self.cached

    def truncate(self, size_bytes: int) -> None:
        self.cached = self.cached[:size_bytes]

    def sync(self) -> None:
        if not self._is_doubtful:
            self._durable = self._longest = self.cached

    def sync_failed(self) -> None:
        self._is_doubtful = True

    def lose(self, chance: Random) -> None:
        """Become what a power cut leaves: nothing unsynced, all of it, or a torn part."""
        kept = [self._durable, self.cached, self._longest, self._torn(chance), self._torn(chance)]
        self.cached = self._durable = self._longest = chance.choice(kept)
        self._is_doubtful = False

    def _torn(self, chance: Random) -> bytes:
        """A part of what was written last; some of its sectors have what was there before."""
        start = len(self._durable)
        tail = bytearray(self._longest[start:])
        tail = tail[: chance.randrange(len(tail) + 1)]
        if chance.random() < 0.5:
            for at in range(0, len(tail), _SECTOR_BYTES):
                if chance.random() < 0.5:
                    size = len(tail[at : at + _SECTOR_BYTES])
                    # A new file's first sector is empty; later ones may be of a deleted file.
                    is_empty = start + at == 0 or chance.random() < 0.5
                    old = bytes(size) if is_empty else chance.randbytes(size)
                    tail[at : at + _SECTOR_BYTES] = old
        return self._durable + bytes(tail)


# Stands for a folder among the names; folders have no bytes.
FOLDER = File("folder")


class Change:
    """Names that come (with their file) and go (with None) in one step of the file system."""

    def __init__(self, names: Mapping[Path, File | None]) -> None:
        self._names = names
        self.folders = frozenset(path.parent for path in names)

    def apply(self, names: dict[Path, File]) -> None:
        for path, file in self._names.items():
            if file is None:
                names.pop(path, None)
            else:
                names[path] = file


def durable_after_sync(
    pending: Sequence[Change], folder: Path
) -> tuple[list[Change], list[Change]]:
    """The changes that a sync of the folder makes durable, and those that stay pending.

    A journal keeps the order within each folder, and a rename is in both of its folders or in
    none: so with a change go the earlier ones of its folders.
    """
    folders = {folder}
    done, left = [], []
    for change in reversed(pending):
        if folders & change.folders:
            folders |= change.folders
            done.append(change)
        else:
            left.append(change)
    return done[::-1], left[::-1]


def kept_changes(pending: Sequence[Change], chance: Random) -> list[Change]:
    """The changes that reached the journal by chance: of each folder the first few."""
    likelihood = chance.choice([0.0, 0.5, 0.9, 1.0])
    kept: list[Change] = []
    ended: set[Path] = set()
    for change in pending:
        if not ended & change.folders and chance.random() < likelihood:
            kept.append(change)
        else:
            ended |= change.folders
    return kept
