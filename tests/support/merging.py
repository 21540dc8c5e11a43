"""Merging and rolling up without another process."""

from collections.abc import Mapping
from typing import Any

from storage.compaction.worker import carry_out
from storage.compaction.worker_process import Worker
from storage.file_system import FileSystem


class HereAndNow(Worker):
    """Does the work in this process, through the test's disk."""

    def __init__(self, fs: FileSystem) -> None:
        super().__init__()
        self.fs = fs
        self.tasks: list[Mapping[str, Any]] = []

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        self.tasks.append(task)
        return carry_out(task, self.fs)
