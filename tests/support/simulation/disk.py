"""A disk that knows what would survive a crash, and can be told to die, to fill up and to fail."""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

from support.simulation.durability import FOLDER, Change, File, durable_after_sync, kept_changes

from storage.catalog import FILE_NAME as CATALOG
from storage.file_system import Buffer, RealFileSystem
from storage.lock import FILE_NAME as LOCK

T = TypeVar("T")
Trace = Callable[[str], None]
_PLENTY_BYTES = 1 << 40


class Died(BaseException):
    """The process is gone; nothing in it may catch this."""


class SimulatedDisk(RealFileSystem):
    """A real folder, `root`, in which everything is done; `crash` changes it to what is left.

    Only what went through `sync_data`, `sync_file` and `sync_folder` survives a power cut for
    sure. The files of SQLite are left alone: a commit counts as atomic.
    """

    def __init__(self, root: Path, chance: Random, trace: Trace = lambda _: None) -> None:
        self.root = root
        self.full = False
        self.operations = 0
        self._chance = chance
        self._trace = trace
        self._dead = False
        self._dies_at: int | None = None
        self._fails_at: int | None = None
        self._open: dict[int, File] = {}
        self._names: dict[Path, File] = {}
        self._durable: dict[Path, File] = {}
        self._pending: list[Change] = []

    def die_in(self, operations: int | None) -> None:
        """Let the process die at that operation from now, counted from 1."""
        self._dies_at = None if operations is None else self.operations + operations

    def fail_in(self, operations: int | None) -> None:
        """Let the first write or sync fail with EIO, once, after so many operations from now."""
        self._fails_at = None if operations is None else self.operations + operations

    def crash(self, power_cut: bool) -> None:
        """The process is gone, and with `power_cut` what was not durable, as chance has it."""
        self._trace(f"-- {'power cut' if power_cut else 'kill'}")
        for fd in self._open:
            os.close(fd)
        self._open.clear()
        self._dead = False
        self._dies_at = self._fails_at = None
        if power_cut:
            self._lose()

    def _lose(self) -> None:
        names = dict(self._durable)
        for change in kept_changes(self._pending, self._chance):
            change.apply(names)
        self._pending = []
        for file in dict.fromkeys(names.values()):
            file.lose(self._chance)
        self._names = self._materialised(names)
        self._durable = dict(self._names)

    def _materialised(self, names: dict[Path, File]) -> dict[Path, File]:
        """Make the real folder such; the names that are reachable."""
        for entry in sorted(self.root.iterdir()):
            if entry.is_dir():
                _remove_but_sqlite(entry, names)
            elif not _is_left_alone(entry):
                entry.unlink()
        made: dict[Path, File] = {}
        first: dict[File, Path] = {}
        for path, file in sorted(names.items()):
            if path.parent != self.root and path.parent not in made:
                continue
            made[path] = file
            if file is FOLDER:
                path.mkdir(exist_ok=True)
            elif file in first:
                os.link(first[file], path)
            else:
                path.write_bytes(file.cached)
                first[file] = path
        return made

    def _operation(
        self,
        text: str,
        act: Callable[[], T],
        space: bool = False,
        transfers: bool = False,
        partly: Callable[[], object] = lambda: None,
        torn: Callable[[], object] = lambda: None,
    ) -> T:
        """Do it, or fail for want of `space` or of a working disk, or die before, in or after it.

        `partly` is what happens at a failure, `torn` at a death in the middle.
        """
        if self._dead:
            raise Died
        self.operations += 1
        self._trace(text)
        if self.operations == self._dies_at:
            self._dead = True
            self._trace("   died here")
            self._chance.choice([lambda: None, torn, act])()
            raise Died
        if space and self.full:
            self._refuse(errno.ENOSPC, partly)
        if transfers and self._fails_at is not None and self.operations >= self._fails_at:
            self._fails_at = None
            self._refuse(errno.EIO, partly)
        return act()

    def _refuse(self, number: int, partly: Callable[[], object]) -> None:
        self._trace(f"   {errno.errorcode[number]}")
        partly()
        raise OSError(number, os.strerror(number))

    def _short(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _change(self, change: Change) -> None:
        change.apply(self._names)
        self._pending.append(change)

    def create(self, path: Path) -> int:
        def act() -> int:
            fd = RealFileSystem.create(self, path)
            file = File(self._short(path))
            self._open[fd] = file
            self._change(Change({path: file}))
            return fd

        return self._operation(f"create {self._short(path)}", act, space=True)

    def write(self, fd: int, buffers: Sequence[Buffer]) -> None:
        whole, file = b"".join(buffers), self._open[fd]

        def act(data: bytes = whole) -> None:
            RealFileSystem.write(self, fd, [data])
            file.append(data)

        def partly() -> None:
            act(whole[: self._chance.randrange(len(whole) + 1)])

        self._operation(f"write {len(whole)} to {file.name}", act, True, True, partly, partly)

    def truncate(self, fd: int, size_bytes: int) -> None:
        file = self._open[fd]

        def act() -> None:
            RealFileSystem.truncate(self, fd, size_bytes)
            file.truncate(size_bytes)

        self._operation(f"truncate {file.name} to {size_bytes}", act)

    def sync_data(self, fd: int) -> None:
        file = self._open[fd]
        self._sync(f"sync data of {file.name}", file)

    def sync_file(self, path: Path) -> None:
        self._sync(f"sync {self._short(path)}", self._names.get(path))

    def _sync(self, text: str, file: File | None) -> None:
        if file is None:
            self._operation(text, lambda: None, transfers=True)
        else:
            self._operation(text, file.sync, transfers=True, partly=file.sync_failed)

    def close(self, fd: int) -> None:
        if not self._dead:
            del self._open[fd]
            RealFileSystem.close(self, fd)

    def sync_folder(self, path: Path) -> None:
        def act() -> None:
            done, self._pending = durable_after_sync(self._pending, path)
            for change in done:
                change.apply(self._durable)

        self._operation(f"sync folder {self._short(path)}", act, transfers=True)

    def make_folders(self, path: Path) -> None:
        missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
        for folder in reversed(missing):
            self._make_folder(folder)
            self.sync_folder(folder.parent)

    def _make_folder(self, path: Path) -> None:
        def act() -> None:
            path.mkdir()
            self._change(Change({path: FOLDER}))

        self._operation(f"make folder {self._short(path)}", act, space=True)

    def rename(self, source: Path, target: Path) -> None:
        def act() -> None:
            RealFileSystem.rename(self, source, target)
            if source in self._names:
                self._change(Change({source: None, target: self._names[source]}))

        text = f"rename {self._short(source)} to {self._short(target)}"
        self._operation(text, act, space=True)

    def link(self, source: Path, target: Path) -> None:
        def act() -> None:
            RealFileSystem.link(self, source, target)
            self._change(Change({target: self._names[source]}))

        self._operation(f"link {self._short(source)} as {self._short(target)}", act, space=True)

    def unlink(self, path: Path) -> None:
        def act() -> None:
            RealFileSystem.unlink(self, path)
            if path in self._names:
                self._change(Change({path: None}))

        self._operation(f"unlink {self._short(path)}", act)

    def free_bytes(self, path: Path) -> int:
        return 0 if self.full else _PLENTY_BYTES


def _is_left_alone(path: Path) -> bool:
    return path.name.startswith(CATALOG) or path.name == LOCK


def _remove_but_sqlite(folder: Path, names: dict[Path, File]) -> None:
    """Empty a folder of what goes through the file system."""
    if folder not in names:
        shutil.rmtree(folder)
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            _remove_but_sqlite(entry, names)
        elif not _is_left_alone(entry):
            entry.unlink()
