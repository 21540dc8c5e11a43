"""What the storage does to the disk, in one place, so that tests can let each step fail."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

Buffer = bytes | memoryview
# Linux takes at most 1,024 buffers a call.
_MAX_BUFFERS = 1_000


class FileSystem(Protocol):
    """Every method raises OSError as the system does."""

    def create(self, path: Path) -> int:
        """A new file, opened for writing; fails where it exists."""
        ...

    def write(self, fd: int, buffers: Sequence[Buffer]) -> None:
        """Append all buffers; where it fails, some of their bytes may have been written."""
        ...

    def truncate(self, fd: int, size_bytes: int) -> None: ...

    def sync_data(self, fd: int) -> None: ...

    def close(self, fd: int) -> None: ...

    def sync_file(self, path: Path) -> None: ...

    def sync_folder(self, path: Path) -> None: ...

    def make_folders(self, path: Path) -> None:
        """Create the folder and its parents where missing, each durably."""
        ...

    def rename(self, source: Path, target: Path) -> None: ...

    def link(self, source: Path, target: Path) -> None: ...

    def unlink(self, path: Path) -> None: ...

    def free_bytes(self, path: Path) -> int: ...


class RealFileSystem:
    """The operating system's."""

    def create(self, path: Path) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return os.open(path, flags, 0o644)

    def write(self, fd: int, buffers: Sequence[Buffer]) -> None:
        waiting = [memoryview(buffer) for buffer in buffers]
        while waiting:
            written = os.writev(fd, waiting[:_MAX_BUFFERS])
            done = 0
            while done < len(waiting) and written >= len(waiting[done]):
                written -= len(waiting[done])
                done += 1
            waiting = waiting[done:]
            if written:
                waiting[0] = waiting[0][written:]

    def truncate(self, fd: int, size_bytes: int) -> None:
        os.ftruncate(fd, size_bytes)

    def sync_data(self, fd: int) -> None:
        os.fdatasync(fd)

    def close(self, fd: int) -> None:
        os.close(fd)

    def sync_file(self, path: Path) -> None:
        _sync(path, os.O_RDONLY)

    def sync_folder(self, path: Path) -> None:
        _sync(path, os.O_RDONLY | os.O_DIRECTORY)

    def make_folders(self, path: Path) -> None:
        missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            self.sync_folder(folder.parent)

    def rename(self, source: Path, target: Path) -> None:
        source.rename(target)

    def link(self, source: Path, target: Path) -> None:
        os.link(source, target)

    def unlink(self, path: Path) -> None:
        path.unlink()

    def free_bytes(self, path: Path) -> int:
        found = os.statvfs(path)
        return found.f_bavail * found.f_frsize


def _sync(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
