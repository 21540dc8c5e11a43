"""Death at every operation on the disk: what was acknowledged is there once."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from support.dying_disk import STEPS, Died, DyingDisk
from support.fake_decoder import group
from support.storage_folder import abandon, lake_files, numbers, opened

from storage.engine import Storage
from storage.verify import rebuild_catalog, verify

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
# Each commit's numbers; None stands for a flush.
_LIFE = [[1, 2], [3], None, [4], [5, 6], None, [7]]


def live(storage: Storage, acknowledged: list[int], sent: list[int]) -> None:
    for step in _LIFE:
        if step is None:
            storage.flush()
            continue
        sent[:] = step
        storage.commit([group(step), group(step, signal="metrics")])
        acknowledged += step
        sent.clear()
    storage.flush()


def life_on(data_dir: Path, disk: DyingDisk) -> tuple[list[int], list[int]]:
    """What was acknowledged, and what was sent without an answer, until the end of it all."""
    acknowledged: list[int] = []
    sent: list[int] = []
    storage = None
    try:
        storage = opened(data_dir, disk)
        live(storage, acknowledged, sent)
    except Died:
        pass
    finally:
        if storage is not None:
            abandon(storage)
    return acknowledged, sent


def check(data_dir: Path, acknowledged: list[int], sent: list[int]) -> None:
    """All that was acknowledged once, of what was not all or nothing; hot, in files, for others."""
    storage = opened(data_dir)
    for table in ("spans", "metric_points"):
        expected = Counter(acknowledged)
        assert numbers(storage, table) in (expected, expected + Counter(sent))
    storage.flush()
    for table in ("spans", "metric_points"):
        assert numbers(storage, table) in (expected, expected + Counter(sent))
    series = numbers(storage, "metric_series")
    assert set(series) == {number % 7 for number in numbers(storage, "metric_points") if number}
    assert set(series.values()) <= {1}
    links = {path.name for path in lake_files(data_dir)}
    assert links == {Path(entry.path).name for entry in storage.snapshot("default").files}
    storage.close(10)
    assert not list((data_dir / "wal").iterdir())
    assert verify(data_dir).ok


def operations_of_a_life(folder: Path) -> int:
    disk = DyingDisk()
    life_on(folder, disk)
    return disk.operations


@STEPS
@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_while_living(tmp_path: Path, power_cut: bool, step: int) -> None:
    last = operations_of_a_life(tmp_path / "whole")
    assert last > 40
    for die_at in range(1, last + 1, step):
        data_dir = tmp_path / str(die_at)
        acknowledged, sent = life_on(data_dir, DyingDisk(die_at, power_cut))
        check(data_dir, acknowledged, sent)
        shutil.rmtree(data_dir)


@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_while_recovering(tmp_path: Path, power_cut: bool) -> None:
    left = tmp_path / "left"
    # In the middle of the second flush: files that nothing names, links to make, a log to replay.
    acknowledged, sent = life_on(left, DyingDisk(operations_of_a_life(tmp_path / "whole") - 12))
    for file in lake_files(left, "spans"):
        file.unlink()
    die_at = 0
    disk = DyingDisk()
    while disk.operations >= die_at:
        die_at += 1
        data_dir = tmp_path / str(die_at)
        shutil.copytree(left, data_dir)
        disk = DyingDisk(die_at, power_cut)
        storage = None
        try:
            storage = opened(data_dir, disk)
            storage.flush()
        except Died:
            pass
        finally:
            if storage is not None:
                abandon(storage)
        check(data_dir, acknowledged, sent)
        shutil.rmtree(data_dir)
    assert die_at > 20


@STEPS
def test_death_and_then_a_lost_catalog(tmp_path: Path, step: int) -> None:
    for die_at in range(20, operations_of_a_life(tmp_path / "whole") + 1, step):
        data_dir = tmp_path / str(die_at)
        acknowledged, sent = life_on(data_dir, DyingDisk(die_at))
        for path in data_dir.glob("catalog.sqlite*"):
            path.unlink()
        if list((data_dir / "files").iterdir()):
            assert rebuild_catalog(data_dir).ok
        check(data_dir, acknowledged, sent)
        shutil.rmtree(data_dir)
