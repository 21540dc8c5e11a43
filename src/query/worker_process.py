"""A worker as the server sees it: started, asked, killed. The other side is `query/worker/`."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from goldeneye import limits
from goldeneye.schemas import PromotedKeys
from query.channel import Channel, Closed, Late
from query.memory_file import memory_file
from query.settings import QuerySettings

_START_TIMEOUT_S: Final = 60.0
_EXIT_TIMEOUT_S: Final = 5.0
_ENVIRONMENT: Final = {
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    # An arena for each core would reserve 64 MiB of address space each, for nothing.
    "MALLOC_ARENA_MAX": "2",
    # No threads of libraries, which would be there before the sandbox.
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


class WorkerDied(Exception):
    """The process ended by itself; `returncode` as of subprocess, `words` are its last ones."""

    def __init__(self, returncode: int, words: str) -> None:
        name = signal.Signals(-returncode).name if returncode < 0 else f"exit code {returncode}"
        super().__init__(f"a query worker ended with {name}: {words.strip() or 'no words'}")
        self.returncode = returncode


class WorkerProcess:
    """One warm worker. It dies with the *thread* that starts it (see sandbox.die_with_parent)."""

    def __init__(
        self, settings: QuerySettings, promoted: PromotedKeys, unchecked: bool = False
    ) -> None:
        """Start it and wait until it is ready; raises WorkerDied, or Late after a minute."""
        ours, theirs = socket.socketpair()
        self._words = memory_file("goldeneye-worker-stderr")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "query.worker", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
                env=_ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._channel = Channel(ours, limits.MAX_QUERY_REPLY_BYTES)
        start = {
            "parent_pid": os.getpid(),
            "files_dir": str(settings.files_dir),
            "max_answer_bytes": settings.memory_limit_bytes,
            "memory_limit_bytes": settings.memory_limit_bytes,
            "threads": settings.threads,
            "attributes": dict(promoted.attributes),
            "resource_attributes": dict(promoted.resource_attributes),
            "unchecked": unchecked,
        }
        try:
            ready = self.ask(start, deadline_s=time.monotonic() + _START_TIMEOUT_S)
        except BaseException:
            self.kill()
            self.reap()
            raise
        self.protection: str = ready["protection"]
        self.query_count = 0
        # False while it is asked something, and after what may have harmed it.
        self.usable = True

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, message: Any, fds: Sequence[int] = (), *, deadline_s: float) -> Any:
        """Send and await the answer. Raises Late at the deadline, WorkerDied."""
        try:
            self._channel.send(message, fds, deadline_s)
            answer, surplus = self._channel.receive(deadline_s)
        except Closed as error:
            raise WorkerDied(self._ended(), self._last_words()) from error
        for fd in surplus:
            os.close(fd)
        return answer

    def kill(self) -> None:
        """SIGKILL, from any thread; a running `ask` raises WorkerDied."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def reap(self) -> None:
        """Wait for the end of a killed worker, and let go of what it held."""
        self._process.wait()
        self._channel.close()
        os.close(self._words)

    def _ended(self) -> int:
        """The exit code of a process that closed its channel, which it does only to end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(_EXIT_TIMEOUT_S)
        self.kill()
        return self._process.wait()

    def _last_words(self) -> str:
        return os.pread(self._words, 10_000, 0).decode(errors="replace")


__all__ = ["Late", "WorkerDied", "WorkerProcess"]
