"""A disk whose operations fail while a test says so."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from storage.file_system import Buffer, RealFileSystem


class FailingDisk(RealFileSystem):
    """`full` lets every write of data fail; `failing` names operations that fail with EIO."""

    def __init__(self) -> None:
        self.full = False
        self.failing: set[str] = set()
        self.free: int | None = None

    def _step(self, operation: str) -> None:
        if operation in self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write(self, fd: int, buffers: Sequence[Buffer]) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(fd, buffers)

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        self._step("link")
        super().link(source, target)

    def unlink(self, path: Path) -> None:
        self._step("unlink")
        super().unlink(path)

    def sync_folder(self, path: Path) -> None:
        self._step("sync_folder")
        super().sync_folder(path)

    def free_bytes(self, path: Path) -> int:
        return super().free_bytes(path) if self.free is None else self.free
