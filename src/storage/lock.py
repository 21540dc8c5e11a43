"""One process at a time holds a data folder."""

import fcntl
import os
from pathlib import Path

from goldeneye.errors import StartupError

FILE_NAME = "LOCK"


class DataDirLock:
    """`<data_dir>/LOCK`, held by flock until `release`; a child process does not inherit it.

    Readers share it with one another, a writer has it alone. Raises StartupError where it is held.
    """

    def __init__(self, data_dir: Path, shared: bool = False) -> None:
        path = data_dir / FILE_NAME
        try:
            flags = os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT
            self._fd: int | None = os.open(path, flags | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            self._fd = None  # never written to, so nobody holds it
            return
        try:
            fcntl.flock(self._fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            holder = _holder(self._fd)
            self.release()
            raise StartupError(
                f"{data_dir} is held by another Goldeneye{holder}. Stop that process, or ask it "
                "(`goldeneye sql` without --data-dir), or choose another data_dir."
            ) from None
        if not shared:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _holder(fd: int) -> str:
    text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
    return f" (process {text})" if text.isdigit() else ""
