import errno
import os
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.fake_decoder import group
from support.storage_folder import numbers, opened

from goldeneye.decoded import Group
from goldeneye.errors import StorageUnavailable
from storage.backlog import memory_of
from storage.engine import Storage
from storage.file_system import Buffer, RealFileSystem

ROWS = 300
GROUP_BYTES = memory_of([group(list(range(ROWS)))])
# A segment of one group, so that each is a generation of its own.
SEGMENT_BYTES = 1_000
ROOM_BYTES = 4 * GROUP_BYTES + GROUP_BYTES // 2


class HeldDisk(RealFileSystem):
    """Files of rows are written when they may."""

    def __init__(self) -> None:
        self.may_write = threading.Event()

    def write(self, fd: int, buffers: Sequence[Buffer]) -> None:
        if threading.current_thread().name == "flush":
            assert self.may_write.wait(60)
        super().write(fd, buffers)


class NoMoreFiles(RealFileSystem):
    """The log can be written, files of rows cannot."""

    has_failed = True

    def rename(self, source: Path, target: Path) -> None:
        if self.has_failed and target.parent.name == "files":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().rename(source, target)


def numbered(number: int) -> Group:
    return group(list(range(number * ROWS, (number + 1) * ROWS)))


def _hot_bytes(storage: Storage) -> int:
    return int(storage.status()["hot"]["bytes"])


def _send_until_refused(storage: Storage) -> int:
    """How many groups were taken; memory stayed under the bound."""
    taken: list[int] = []
    with pytest.raises(StorageUnavailable, match=r"storage\.max_hot_mib"):
        _send_all(storage, taken)
    return len(taken)


def _send_all(storage: Storage, taken: list[int]) -> None:
    for number in range(100):
        storage.commit([numbered(number)])
        taken.append(number)
        assert _hot_bytes(storage) <= ROOM_BYTES


def test_while_files_are_written_slowly_senders_wait_and_memory_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backlog.BACKLOG_TIMEOUT_S", 0.05)
    disk = HeldDisk()
    storage = opened(tmp_path, disk, segment_max_bytes=SEGMENT_BYTES, max_hot_bytes=ROOM_BYTES)
    taken = _send_until_refused(storage)
    assert taken == ROOM_BYTES // GROUP_BYTES

    monkeypatch.setattr("storage.backlog.BACKLOG_TIMEOUT_S", 30.0)
    rest = [numbered(n) for n in range(taken, 20)]
    over = []

    def send() -> None:
        for one in rest:
            storage.commit([one])
            over.append(_hot_bytes(storage) > ROOM_BYTES)

    sender = threading.Thread(target=send)
    sender.start()
    disk.may_write.set()
    sender.join(30)
    assert over == [False] * len(rest)
    assert numbers(storage) == Counter(range(20 * ROWS))
    storage.close(10)


def test_senders_go_on_when_a_disk_that_failed_can_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backlog.BACKLOG_TIMEOUT_S", 0.05)
    disk = NoMoreFiles()
    storage = opened(tmp_path, disk, segment_max_bytes=SEGMENT_BYTES, max_hot_bytes=ROOM_BYTES)
    taken = _send_until_refused(storage)
    assert not storage.flush()
    with pytest.raises(StorageUnavailable, match=r"the last attempt failed: segment 1: .*error"):
        storage.commit([numbered(0)])

    disk.has_failed = False
    assert storage.flush()
    assert _hot_bytes(storage) == 0
    storage.commit([group([-1])])
    assert numbers(storage) == Counter([*range(taken * ROWS), -1])
    storage.close(10)


def test_rows_that_alone_need_more_than_the_bound_are_taken(tmp_path: Path) -> None:
    storage = opened(tmp_path, max_hot_bytes=1)
    # The clock stands still: only who waits closes the segment before it.
    for number in range(3):
        storage.commit([group([number])])
    assert numbers(storage) == Counter(range(3))
    storage.close(10)
