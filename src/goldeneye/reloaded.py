"""What files say, read again when one of them changes, without a restart."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from goldeneye.errors import GoldeneyeError
from goldeneye.telemetry import RELOAD_FAILURES

log = structlog.get_logger(__name__)
Value = TypeVar("Value")
_Signature = tuple[tuple[int, ...] | None, ...]


class Reloaded(Generic[Value]):
    """The value that `read` makes of `paths`; any thread may ask for it.

    A change that cannot be used is logged and counted, and the last good value stays: half of a
    rotation must not lock everybody out.
    """

    def __init__(self, what: str, paths: Sequence[Path], read: Callable[[], Value]) -> None:
        """Reads at once; GoldeneyeError from `read` passes through."""
        self._what = what
        self._paths = tuple(paths)
        self._read = read
        self._lock = threading.Lock()
        # Taken before reading, so that what is written meanwhile is seen as a change.
        self._signature = self._look()
        self._value = read()
        self.error: str | None = None

    def current(self) -> Value:
        """The value, as of now: the cost is one `stat` a file."""
        with self._lock:
            signature = self._look()
            if signature != self._signature:
                self._signature = signature
                self._read_again()
            return self._value

    def _look(self) -> _Signature:
        return tuple(_signature(path) for path in self._paths)

    def _read_again(self) -> None:
        try:
            self._value = self._read()
        except GoldeneyeError as error:
            self.error = str(error)
            RELOAD_FAILURES.labels(self._what).inc()
            log.error("a change cannot be used; the last good one stays", reason=self.error)
        else:
            self.error = None
            log.info(
                "read again after a change", what=self._what, files=list(map(str, self._paths))
            )


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
