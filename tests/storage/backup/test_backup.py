"""A backup holds what was acknowledged before it began, each row once, whatever goes on beside."""

import errno
import os
import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.dying_disk import Died, DyingDisk
from support.failing_disk import FailingDisk
from support.fake_decoder import START_NS, group
from support.storage_folder import abandon, lake_files, numbers, opened

from goldeneye.clock import ManualClock
from goldeneye.errors import ConfigurationError, StartupError, StorageUnavailable
from storage.backup.backup import INCOMPLETE, back_up
from storage.engine import Storage
from storage.file_system import RealFileSystem
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.verify import verify


def fill(storage: Storage, stays: bool = False) -> list[int]:
    """Rows in files, in a sealed segment (soon files unless it `stays`), in the open one."""
    storage.commit([group([1, 2]), group([3], signal="logs"), group([4], signal="metrics")])
    assert storage.flush()
    if stays:
        assert storage._flusher is not None
        storage._flusher.stop(10)
    storage.commit([group([5])])
    assert storage._wal is not None
    storage._wal.seal()
    storage.commit([group([6])])
    return [1, 2, 5, 6]


def restored(target: Path) -> Counter[int | None]:
    """The numbers of the spans of a server that starts from it, twice."""
    for _ in range(2):
        storage = opened(target)
        found = numbers(storage)
        assert storage.status()["last_start"]["damage"] == []
        storage.close(10)
    assert verify(target).ok
    return found


@pytest.mark.parametrize("running", [True, False])
def test_it_has_files_and_log(tmp_path: Path, running: bool) -> None:
    storage = opened(tmp_path / "data")
    sent = fill(storage)
    (first, *_) = (tmp_path / "data" / "files").iterdir()
    beside = first.with_name(f"{first.stem}.bloom")
    beside.write_bytes(b"beside")
    if not running:
        abandon(storage)
    target = tmp_path / "backups" / "first"
    before = len(lake_files(tmp_path / "data"))
    found = back_up(tmp_path / "data", target)
    files = sorted((target / "files").glob("*.parquet"))
    # A server that runs may make files meanwhile.
    assert before <= found.file_count == len(files) <= len(lake_files(tmp_path / "data"))
    assert found.row_count == sum(pq.read_metadata(path).num_rows for path in files)
    # The sealed one may have become files by then.
    assert found.segment_count == len(list((target / "wal").iterdir())) in (1, 2)
    assert found.missing == []
    assert (target / "files" / beside.name).read_bytes() == b"beside"
    if running:
        storage.commit([group([7])])
        storage.flush()
        abandon(storage)
    shutil.rmtree(tmp_path / "data")
    (target / "files" / beside.name).unlink()
    assert verify(target).ok
    assert restored(target) == Counter(sent)


def test_it_has_what_people_decided(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    fill(storage)
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as state, state:
        state.execute("CREATE TABLE decisions AS SELECT 7 AS number")
    back_up(tmp_path / "data", tmp_path / "copy")
    storage.close(10)
    with closing(sqlite3.connect(tmp_path / "copy" / "state.sqlite")) as state:
        assert state.execute("SELECT number FROM decisions").fetchall() == [(7,)]


def test_what_is_whole_is_linked_and_what_grows_is_copied(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    fill(storage, stays=True)
    back_up(tmp_path / "data", tmp_path / "backup")
    for path in (tmp_path / "backup" / "files").iterdir():
        assert path.samefile(tmp_path / "data" / "files" / path.name)
    sealed, grows = sorted((tmp_path / "backup" / "wal").iterdir())
    assert sealed.samefile(tmp_path / "data" / "wal" / sealed.name)
    assert not grows.samefile(tmp_path / "data" / "wal" / grows.name)
    abandon(storage)


class Elsewhere(RealFileSystem):
    """The backup lies on another file system than the data."""

    def link(self, source: Path, target: Path) -> None:
        if source.parents[1] != target.parents[1] and "lake" not in target.parts:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        super().link(source, target)


def test_on_another_file_system_it_is_copied(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    sent = fill(storage)
    found = back_up(tmp_path / "data", tmp_path / "backup", Elsewhere())
    assert found.linked_bytes == 0
    for path in (tmp_path / "backup" / "files").iterdir():
        original = tmp_path / "data" / "files" / path.name
        assert path.read_bytes() == original.read_bytes()
        assert not path.samefile(original)
    abandon(storage)
    assert restored(tmp_path / "backup") == Counter(sent)


def test_a_record_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    sent = fill(storage)
    abandon(storage)
    last = max((tmp_path / "data" / "wal").iterdir())
    whole = last.stat().st_size
    with last.open("ab") as file:
        file.write(b"\xc7GR\x01 the beginning of a record")
    back_up(tmp_path / "data", tmp_path / "backup")
    assert (tmp_path / "backup" / "wal" / last.name).stat().st_size == whole
    assert restored(tmp_path / "backup") == Counter(sent)


class Meanwhile(RealFileSystem):
    """Something happens after the first operation of that name."""

    def __init__(self, operation: str, action: Callable[[], object]) -> None:
        self._operation = operation
        self._action: Callable[[], object] | None = action

    def _after(self, operation: str) -> None:
        if operation == self._operation and (action := self._action) is not None:
            self._action = None
            action()

    def close(self, fd: int) -> None:
        super().close(fd)
        self._after("close")

    def link(self, source: Path, target: Path) -> None:
        if source.suffix == ".parquet":
            self._after("link")
        super().link(source, target)


def test_segments_that_become_files_meanwhile_are_there_once(tmp_path: Path) -> None:
    """They are deleted and forgotten between the log's part and the catalog's."""
    storage = opened(tmp_path / "data")
    sent = fill(storage)

    def flush() -> None:
        for number in (8, 9):
            storage.commit([group([number])])
            assert storage.flush()
        assert not list((tmp_path / "data" / "wal").iterdir())

    found = back_up(tmp_path / "data", tmp_path / "backup", Meanwhile("close", flush))
    assert found.segment_count == 0
    abandon(storage)
    assert restored(tmp_path / "backup") == Counter([*sent, 8, 9])


def test_files_that_are_merged_meanwhile_are_there_once(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path / "data", clock=clock)
    for number in range(4):
        storage.commit([group([number])])
        assert storage.flush()
    before = lake_files(tmp_path / "data", "spans")

    def merge() -> None:
        assert storage._maintenance is not None
        clock.advance(7_200)
        storage._maintenance.tick()
        clock.advance(KEPT_AFTER_LAST_PIN_S + 1)
        storage._maintenance.tick()
        assert not any(path.exists() for path in before)

    back_up(tmp_path / "data", tmp_path / "backup", Meanwhile("link", merge))
    abandon(storage)
    assert len(lake_files(tmp_path / "backup", "spans")) == 1
    assert verify(tmp_path / "backup").ok
    assert not any((tmp_path / "backup" / "files" / path.name).exists() for path in before)
    assert restored(tmp_path / "backup") == Counter(range(4))


def test_backups_while_rows_come_and_become_files(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    stop = threading.Event()
    committed = [0]

    def write() -> None:
        while not stop.is_set():
            storage.commit([group([committed[0]])])
            committed[0] += 1
            if committed[0] % 7 == 0:
                storage.flush()

    writer = threading.Thread(target=write)
    writer.start()
    acknowledged = {}
    try:
        for attempt in range(8):
            while committed[0] <= max(acknowledged.values(), default=0):
                stop.wait(0.001)
            acknowledged[tmp_path / str(attempt)] = committed[0]
            back_up(tmp_path / "data", tmp_path / str(attempt))
    finally:
        stop.set()
        writer.join()
        abandon(storage)
    for target, count in acknowledged.items():
        found = restored(target)
        assert found == Counter(range(len(found)))
        assert len(found) >= count


def test_a_file_that_the_data_lacks_is_named(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    fill(storage)
    (link,) = lake_files(tmp_path / "data", "logs")
    gone = tmp_path / "data" / "files" / link.name
    gone.unlink()
    found = back_up(tmp_path / "data", tmp_path / "backup")
    assert found.missing == [str(gone)]
    abandon(storage)
    assert restored_but_for(tmp_path / "backup", gone.name)


def restored_but_for(target: Path, name: str) -> bool:
    storage = opened(target)
    missing = storage.status()["last_start"]["missing_files"]
    storage.close(10)
    return missing == [str(target / "files" / name)]


def test_a_target_that_is_not_its_own_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    storage = opened(data_dir)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_bytes(b"mine")
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "way").symlink_to(data_dir)
    for name in ("data", "data/files", "way/backup", "full", "file", "full/mine"):
        with pytest.raises(ConfigurationError, match=name):
            back_up(data_dir, tmp_path / name)
    with pytest.raises(ConfigurationError, match="no such folder"):
        back_up(tmp_path / "nowhere", tmp_path / "backup")
    with pytest.raises(StartupError, match="no catalog"):
        back_up(tmp_path / "full", tmp_path / "backup")
    (tmp_path / "empty").mkdir()
    back_up(data_dir, tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "data",
        "empty",
        "file",
        "full",
        "way",
    ]
    storage.close(10)


def test_what_was_cut_off_is_not_written_over(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    storage.close(10)
    (tmp_path / f"backup{INCOMPLETE}").mkdir()
    with pytest.raises(ConfigurationError, match="cut off"):
        back_up(tmp_path / "data", tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


class FullElsewhere(Elsewhere, FailingDisk):
    pass


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    sent = fill(storage)
    disk = FullElsewhere()
    disk.full = True
    with pytest.raises(StorageUnavailable, match="No space left"):
        back_up(tmp_path / "data", tmp_path / "backup", disk)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    disk.full = False
    back_up(tmp_path / "data", tmp_path / "backup", disk)
    abandon(storage)
    assert restored(tmp_path / "backup") == Counter(sent)


@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_at_every_operation_leaves_a_whole_backup_or_none(
    tmp_path: Path, power_cut: bool
) -> None:
    storage = opened(tmp_path / "data")
    sent = fill(storage)
    abandon(storage)
    whole = die_at = 0
    done = False
    while not done:
        die_at += 1
        target = tmp_path / str(die_at)
        try:
            back_up(tmp_path / "data", target, DyingDisk(die_at, power_cut))
            done = True
        except Died:
            pass
        if target.exists():
            whole += 1
            assert restored(target) == Counter(sent)
    assert die_at > 20
    assert whole in (1, 2)
