import errno
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.fake_decoder import group
from support.storage_folder import abandon, numbers, opened

from goldeneye.decoded import Group
from storage.backlog import memory_of
from storage.book import Book
from storage.file_system import RealFileSystem

ROWS, SEGMENTS = 300, 12
SEGMENT_BYTES = 1_000
GROUP_BYTES = memory_of([group(list(range(ROWS)))])
ROOM_BYTES = 3 * GROUP_BYTES


class NoMoreFiles(RealFileSystem):
    """The log can be written, files of rows cannot."""

    def rename(self, source: Path, target: Path) -> None:
        if target.parent.name == "files":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().rename(source, target)


@pytest.fixture
def hot_bytes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was in memory after each segment."""
    found: list[int] = []
    publish = Book.publish

    def watched(book: Book, number: int, groups: Sequence[Group], log_bytes: int) -> None:
        publish(book, number, groups, log_bytes)
        found.append(book.state.memory_bytes())

    monkeypatch.setattr(Book, "publish", watched)
    return found


@pytest.fixture
def log_of_segments(tmp_path: Path) -> Path:
    storage = opened(tmp_path, NoMoreFiles(), segment_max_bytes=SEGMENT_BYTES)
    for first in range(0, SEGMENTS * ROWS, ROWS):
        storage.commit([group(list(range(first, first + ROWS)))])
    abandon(storage)
    assert len(list((tmp_path / "wal").iterdir())) == SEGMENTS
    return tmp_path


def test_a_log_longer_than_the_room_never_takes_more(
    log_of_segments: Path, hot_bytes: list[int]
) -> None:
    storage = opened(log_of_segments, max_hot_bytes=ROOM_BYTES)
    assert len(hot_bytes) == SEGMENTS
    assert max(hot_bytes) <= ROOM_BYTES
    assert numbers(storage) == Counter(range(SEGMENTS * ROWS))
    storage.close(10)
    assert not list((log_of_segments / "wal").iterdir())


def test_a_log_that_fits_is_not_written_to_files_before_the_start_is_over(
    log_of_segments: Path, hot_bytes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.flusher._TICK_S", 1e9)  # the flush's thread does nothing
    storage = opened(log_of_segments, max_hot_bytes=(SEGMENTS + 1) * GROUP_BYTES)
    assert not storage.snapshot("default").files
    assert len(hot_bytes) == SEGMENTS
    storage.close(10)


def test_a_start_does_not_wait_for_files_that_cannot_be_written(
    log_of_segments: Path, hot_bytes: list[int]
) -> None:
    storage = opened(log_of_segments, NoMoreFiles(), max_hot_bytes=ROOM_BYTES)
    assert numbers(storage) == Counter(range(SEGMENTS * ROWS))
    assert max(hot_bytes) > ROOM_BYTES
    abandon(storage)
