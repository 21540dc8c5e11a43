"""Power cuts that lose all that was not synced, after half a deletion and after a kill."""

import errno
from collections import Counter
from collections.abc import MutableSequence, Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from support.fake_decoder import FakeDecoder, group
from support.simulation.disk import Died, SimulatedDisk
from support.simulation.run import WorkerHere
from support.storage_folder import numbers, settings

from goldeneye.clock import ManualClock
from goldeneye.errors import StorageUnavailable
from storage.engine import Storage
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.wal import segment

T = TypeVar("T")
CLOCK = ManualClock()


class Worst(Random):
    """Of several outcomes the first: nothing that was not synced is kept."""

    def choice(self, outcomes: Sequence[T]) -> T:  # type: ignore[override]
        return outcomes[0]

    def random(self) -> float:
        return 0.9


class Disk(SimulatedDisk):
    """Fails at some sync from now of a folder of that name, or dies at the next of any bytes."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, Worst())
        self.fails_at = ""
        self.fails_in = 0
        self.dies = False

    def sync_folder(self, path: Path) -> None:
        if path.name == self.fails_at:
            self.fails_in -= 1
            if self.fails_in == 0:
                raise OSError(errno.EIO, "no")
        super().sync_folder(path)

    def sync_data(self, fd: int) -> None:
        if self.dies:
            self.dies = False
            raise Died
        super().sync_data(fd)


def opened(disk: Disk, **changes: int) -> Storage:
    worker = WorkerHere(disk, Worst())
    worker.is_safe = True
    wanted = settings(disk.root, **changes)
    return Storage.open(wanted, FakeDecoder(), CLOCK, disk, worker=worker, threads=False)


def crashed(storage: Storage, disk: Disk, power_cut: bool, **changes: int) -> Storage:
    """Started again."""
    storage._cleanups.close()
    disk.crash(power_cut)
    return opened(disk, **changes)


def test_a_segment_that_was_half_deleted_does_not_come_back(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    storage.commit([group([1])])
    assert storage._flusher is not None
    assert storage._wal is not None
    storage._wal.seal()
    storage._flusher.flush_sealed()
    storage.commit([group([2])])
    # Written during the replay, so that it is deleted before the older one.
    storage = crashed(storage, disk, power_cut=False, max_backlog_bytes=0)
    disk.fails_at, disk.fails_in = "wal", 2
    for _ in range(2):
        storage.flush()
    assert disk.fails_in <= 0
    assert not segments(tmp_path)
    storage = crashed(storage, disk, power_cut=True)
    assert numbers(storage) == Counter([1, 2])
    storage.close(10)


@pytest.mark.parametrize("folder", ["files", "hour=00"])
def test_a_file_that_was_half_deleted_does_not_come_back(tmp_path: Path, folder: str) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    for number in range(8):
        storage.commit([group([number], signal="logs")])
        storage.flush()
    CLOCK.advance(30 * 3_600)
    storage.tick()
    for _ in range(3):
        CLOCK.advance(KEPT_AFTER_LAST_PIN_S + 1)
        disk.fails_at, disk.fails_in = folder, 1
        storage.tick()
    storage = crashed(storage, disk, power_cut=True)
    assert numbers(storage, "logs") == Counter(range(8))
    assert not list((tmp_path / "quarantine").iterdir())
    storage.close(10)


def test_what_a_killed_process_wrote_is_durable_once_it_is_known(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    storage.commit([group([1])])
    disk.dies = True
    with pytest.raises(Died):
        storage.commit([group([2])])
    storage = crashed(storage, disk, power_cut=False)
    assert storage.replayed("default", "traces", "json", b"[2]")
    storage = crashed(storage, disk, power_cut=True)
    assert numbers(storage) == Counter([1, 2])
    storage.close(10)


def segments(data_dir: Path) -> MutableSequence[Path]:
    return sorted((data_dir / "wal").iterdir())


def test_where_a_process_stopped_is_no_damage_after_a_second_stop(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    storage.commit([group([1])])
    storage = crashed(storage, disk, power_cut=False)
    with segments(tmp_path)[0].open("ab") as log:
        log.write(b"\xc7\x47\x52\x01 cut off")
    storage.commit([group([2])])
    storage = crashed(storage, disk, power_cut=False)
    assert not storage.status()["last_start"]["damage"]
    assert numbers(storage) == Counter([1, 2])
    storage.close(10)
    assert not list((tmp_path / "quarantine").iterdir())


def test_a_closed_segment_that_is_cut_off_is_damage(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    storage.commit([group([1])])
    assert storage._wal is not None
    storage._wal.seal()
    storage.commit([group([2])])
    with segments(tmp_path)[0].open("ab") as log:
        log.write(b"\xc7\x47\x52\x01 cut off")
    storage = crashed(storage, disk, power_cut=False)
    assert storage.status()["last_start"]["damage"]
    assert numbers(storage) == Counter([1, 2])
    storage.close(10)


@pytest.mark.parametrize("written_bytes", [0, 1, 8, 20, segment.HEADER_BYTES - 1])
def test_a_segment_whose_first_bytes_are_still_zero_is_empty(
    tmp_path: Path, written_bytes: int
) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    storage.commit([group([1])])
    header = segment.encode_header(9, is_first=False)
    torn = header[:written_bytes] + bytes(segment.HEADER_BYTES - written_bytes)
    segment.path_of(tmp_path / "wal", 9).write_bytes(torn)
    storage = crashed(storage, disk, power_cut=False)
    assert not storage.status()["last_start"]["unreadable_segments"]
    assert numbers(storage) == Counter([1])
    storage.close(10)
    assert not segments(tmp_path)


def test_what_was_refused_does_not_come_back_from_a_closed_segment(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    storage = opened(disk)
    disk.fail_in(5)  # the sync of the first record
    with pytest.raises(StorageUnavailable):
        storage.commit([group([1])])
    assert not segments(tmp_path)
    storage.commit([group([2])])
    storage = crashed(storage, disk, power_cut=True)
    assert numbers(storage) == Counter([2])
    storage.close(10)
