"""A disk on which the process dies at a chosen operation, as by a kill or by a power cut."""

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from storage.file_system import Buffer, RealFileSystem

# Every operation takes a minute; a file's own are four, so that steps of seven meet each kind.
STEPS = pytest.mark.parametrize(
    "step",
    [pytest.param(1, id="each", marks=pytest.mark.slow), pytest.param(7, id="some")],
)


class Died(BaseException):
    """The process is gone; nothing in it may catch this."""


class DyingDisk(RealFileSystem):
    """Dies at the operation `die_at` (counted from 1) and at all after it.

    With `power_cut` everything that was not synced by then is lost: bytes of files, and names.
    `operations` counts what was asked for.
    """

    def __init__(self, die_at: int | None = None, power_cut: bool = False) -> None:
        self.die_at = die_at
        self.operations = 0
        self._power_cut = power_cut
        self._dead = False
        self._paths: dict[int, Path] = {}
        self._synced_bytes: dict[Path, int] = {}
        self._undo: list[tuple[Path, Callable[[], object]]] = []

    def _step(self, die: Callable[[], object] = lambda: None) -> None:
        if self._dead:
            raise Died
        self.operations += 1
        if self.operations == self.die_at:
            self._dead = True
            die()
            if self._power_cut:
                self._lose()
            raise Died

    def _lose(self) -> None:
        for path, size_bytes in self._synced_bytes.items():
            with contextlib.suppress(FileNotFoundError):
                os.truncate(path, min(size_bytes, path.stat().st_size))
        for _, undo in reversed(self._undo):
            with contextlib.suppress(FileNotFoundError, FileExistsError):
                undo()

    def create(self, path: Path) -> int:
        self._step()
        fd = super().create(path)
        self._paths[fd] = path
        self._synced_bytes[path] = 0
        self._undo.append((path.parent, path.unlink))
        return fd

    def write(self, fd: int, buffers: Sequence[Buffer]) -> None:
        whole = b"".join(buffers)
        self._step(lambda: super(DyingDisk, self).write(fd, [whole[: len(whole) // 2]]))
        super().write(fd, buffers)

    def truncate(self, fd: int, size_bytes: int) -> None:
        self._step()
        super().truncate(fd, size_bytes)

    def sync_data(self, fd: int) -> None:
        self._step()
        super().sync_data(fd)
        self._synced_bytes[self._paths[fd]] = os.fstat(fd).st_size

    def sync_file(self, path: Path) -> None:
        self._step()
        super().sync_file(path)
        self._synced_bytes[path] = path.stat().st_size

    def sync_folder(self, path: Path) -> None:
        self._step()
        super().sync_folder(path)
        self._undo = [(folder, undo) for folder, undo in self._undo if folder != path]

    def make_folders(self, path: Path) -> None:
        self._step()
        super().make_folders(path)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        replaces = target.exists()
        super().rename(source, target)
        if source in self._synced_bytes:
            self._synced_bytes[target] = self._synced_bytes.pop(source)
        if not replaces:
            self._undo.append((target.parent, lambda: target.rename(source)))

    def link(self, source: Path, target: Path) -> None:
        self._step()
        super().link(source, target)
        self._undo.append((target.parent, target.unlink))

    def unlink(self, path: Path) -> None:
        self._step()
        super().unlink(path)
