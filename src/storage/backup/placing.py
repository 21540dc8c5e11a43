"""Giving a file a second name in another folder, or copying it where that cannot be."""

import errno
import os
from pathlib import Path
from typing import Final

from goldeneye.limits import MIB
from storage.file_system import FileSystem

_CHUNK_BYTES: Final = 4 * MIB
# Another file system; one without hard links; one that has no more for this file.
_NO_LINK: Final = frozenset({errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})


class Placer:
    """Counts what it did; every method raises OSError."""

    def __init__(self, fs: FileSystem) -> None:
        self._fs = fs
        self.linked_bytes = 0
        self.copied_bytes = 0

    def place(self, source: Path, target: Path) -> None:
        """A file that never changes: linked, or else copied durably."""
        try:
            self._fs.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            self.copy(source, target)
        else:
            self.linked_bytes += target.stat().st_size

    def copy(self, source: Path, target: Path, size_bytes: int | None = None) -> None:
        """The file's first bytes, or all, durably."""
        with source.open("rb") as file:
            left = os.fstat(file.fileno()).st_size if size_bytes is None else size_bytes
            fd = self._fs.create(target)
            try:
                while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
                    self._fs.write(fd, [chunk])
                    self.copied_bytes += len(chunk)
                    left -= len(chunk)
                self._fs.sync_data(fd)
            finally:
                self._fs.close(fd)
