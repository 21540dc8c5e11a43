"""A snapshot without the files whose rows were all received before an instant."""

from collections.abc import Sequence

from goldeneye.snapshot import FileEntry, Snapshot
from query.narrowed_snapshot import NarrowedSnapshot


class ReceivedSince(NarrowedSnapshot):
    """The files that are left have older rows too."""

    def __init__(self, snapshot: Snapshot, since_ns: int) -> None:
        super().__init__(snapshot)
        self._since_ns = since_ns

    def _kept(self, files: Sequence[FileEntry]) -> Sequence[FileEntry]:
        return [file for file in files if file.max_received_ns >= self._since_ns]
