"""Runs the worker (storage.compaction.worker), a process for each task."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

# A merge of 128 MiB takes seconds.
_TIMEOUT_S: Final = 600.0


class MergeFailed(Exception):
    """What the worker said of it."""


class MergeStopped(Exception):
    """The server stops, and the merge with it."""


class Worker:
    """Runs merges in processes, which `stop` ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Raises MergeFailed, MergeStopped."""
        with self._lock:
            if self._stopped:
                raise MergeStopped
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "storage.compaction.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        try:
            timeout_s = task.get("timeout_s", _TIMEOUT_S)
            output, errors = process.communicate(json.dumps(task), timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise MergeFailed(f"it took longer than {timeout_s:.0f} s") from None
        if process.returncode != 0:
            if self._stopped:
                raise MergeStopped
            raise MergeFailed(errors.strip().rpartition("\n")[2] or f"exit {process.returncode}")
        found: dict[str, Any] = json.loads(output)
        return found

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
