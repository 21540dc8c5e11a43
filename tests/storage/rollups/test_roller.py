"""When metrics are rolled up, and that neither a crash, a full disk nor retention spoils it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs
from support.dying_disk import Died, DyingDisk
from support.failing_disk import FailingDisk
from support.fake_decoder import group as spans
from support.merging import HereAndNow
from support.rolled_up import (
    SECOND_NS,
    SETTLED_S,
    START_NS,
    Row,
    check,
    opened,
    rolled_up_here,
    rollups,
    send,
    some_points,
)
from support.storage_folder import abandon, lake_files

from goldeneye.clock import DAY_NS, HOUR_NS, ManualClock
from goldeneye.schemas import STORED_TABLES
from storage.compaction.worker_process import Worker
from storage.engine import Storage
from storage.retention import Retention
from storage.verify import rebuild_catalog, verify

HOUR_S = 3_600
DAY_S = 86_400


def number(second: float, value: float, series_id: int = 1) -> Row:
    return {
        "series_id": series_id,
        "name": "requests",
        "type": "sum",
        "temporality": "cumulative",
        "time": START_NS + int(second * SECOND_NS),
        "value": value,
    }


def tasks(storage: Storage) -> list[Mapping[str, Any]]:
    """Of the rollups that were made."""
    worker = storage._maintenance._roller._swap._worker  # type: ignore[union-attr]
    assert isinstance(worker, HereAndNow)
    return [task for task in worker.tasks if "hours" in task]


def files(data_dir: Path) -> list[Path]:
    return lake_files(data_dir, "metric_rollups")


def test_an_hour_is_rolled_up_when_it_is_over_and_quiet(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    with opened(tmp_path, clock) as storage:
        sent = send(storage, clock, [number(1, 5), number(700, 9)])
        clock.advance(HOUR_S)
        storage.tick()
        assert not files(tmp_path), "points may still be on their way"
        clock.advance(SETTLED_S)
        storage.tick()
        check(tmp_path, sent)
        (file,) = files(tmp_path)
        assert "date=2026-01-01/hour=00" in str(file)
        storage.tick()
        assert len(tasks(storage)) == 1
    assert verify(tmp_path).ok


def test_points_that_keep_coming_late_wait_an_hour_at_most(tmp_path: Path) -> None:
    clock = ManualClock(START_NS + 2 * HOUR_NS)
    with opened(tmp_path, clock) as storage:
        for minute in range(100):
            send(storage, clock, [number(minute, minute)])
            clock.advance(60)
            storage.tick()
        assert 1 <= len(tasks(storage)) < 3


def test_no_points_no_files(tmp_path: Path) -> None:
    """Nor in hours without points that a file of a day spans."""
    clock = ManualClock(START_NS + 30 * HOUR_NS)
    with opened(tmp_path, clock) as storage:
        storage.commit([spans([1, 2])])
        storage.flush()
        clock.advance(DAY_S)
        storage.tick()
        assert not files(tmp_path)
        sent = send(storage, clock, [number(1, 5), number(20 * HOUR_S, 7)])
        clock.advance(DAY_S)
        storage.tick()
        check(tmp_path, sent)
        assert {row["time"] // HOUR_NS % 24 for row in rollups(tmp_path)} == {0, 20}
        made = len(tasks(storage))
        storage.tick()
        assert len(tasks(storage)) == made


def test_hours_become_a_day_and_merged_points_are_not_rolled_up_again(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    sent: list[Row] = []
    with opened(tmp_path, clock) as storage:
        for hour in range(4):
            for minute in range(3):
                sent += send(storage, clock, [number(hour * HOUR_S + minute, 10 * hour + minute)])
            clock.advance(HOUR_S)
            storage.tick()
        clock.advance(SETTLED_S)
        storage.tick()
        assert len(files(tmp_path)) == len(tasks(storage)) == 4
        clock.advance(2 * DAY_S)
        storage.tick()
        storage.tick()
        assert len(files(tmp_path)) == 1
        assert len(lake_files(tmp_path, "metric_points")) == 1
        assert len(tasks(storage)) == 5
        check(tmp_path, sent)
        # Of the one hour that is new, and of no other.
        sent += send(storage, clock, [number(HOUR_S + 9, 1)])
        clock.advance(SETTLED_S)
        storage.tick()
        check(tmp_path, sent)
        assert len(tasks(storage)) == 6
        assert tasks(storage)[-1]["hours"] == [START_NS // HOUR_NS + 1]
        clock.advance(DAY_S)
        storage.tick()
        assert len(tasks(storage)) == 6
    with opened(tmp_path, clock) as storage:
        storage.tick()
        assert not tasks(storage), "after a start neither"


def test_of_one_instant_and_arrival_the_greater_value_counts(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    with opened(tmp_path, clock) as storage:
        send(storage, clock, [number(1, 5), number(1, 7), number(1, 6), number(2, 8)])
        clock.advance(2 * HOUR_S)
        storage.tick()
    row = rollups(tmp_path)[0]
    assert (row["first"], row["increase"], row["duplicate_count"]) == (7, 1, 2)


def test_a_point_without_a_usable_time_counts_when_it_was_received(tmp_path: Path) -> None:
    clock = ManualClock(START_NS + 500 * SECOND_NS)
    with opened(tmp_path, clock) as storage:
        send(storage, clock, [{**number(0, 3), "time": None, "time_unix_nano": 2**63}])
        clock.advance(2 * HOUR_S)
        storage.tick()
    assert {row["first_time"] for row in rollups(tmp_path)} == {START_NS + 500 * SECOND_NS}


def kept(points_days: int) -> Retention:
    ages = dict.fromkeys(STORED_TABLES, 400 * DAY_NS)
    return Retention({**ages, "metric_points": points_days * DAY_NS}, None)


def test_late_points_leave_rollups_whose_points_are_gone(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    with opened(tmp_path, clock, retention=kept(9)) as storage:
        send(storage, clock, [number(1, 5), number(9, 8), number(HOUR_S + 1, 2)])
        clock.advance(DAY_S)
        storage.tick()
        before = rollups(tmp_path)
        assert before
        clock.advance(10 * DAY_S)
        storage.tick()
        assert not lake_files(tmp_path, "metric_points")
        assert lake_files(tmp_path, "metric_series"), "which rollups would say nothing without"
        assert rollups(tmp_path) == before
        send(storage, clock, [number(5, 6), number(301, 7)])
        for _ in range(3):
            clock.advance(SETTLED_S)
            storage.tick()
        after = rollups(tmp_path)
        assert [row for row in after if row in before] == before
        late = [row for row in after if row not in before]
        assert [(row["period_s"], row["point_count"], row["sum"]) for row in late] == [
            (300, 1, 6),
            (300, 1, 7),
            (3600, 2, 13),
        ]
        assert len(files(tmp_path)) == 1
        send(storage, clock, [number(6, 6)])
        clock.advance(SETTLED_S)
        storage.tick()
        assert [row for row in rollups(tmp_path) if row in after] == after
        assert sum(row["point_count"] for row in rollups(tmp_path)) == 2 * 6


def test_rollups_shorter_kept_than_points_are_not_made_again(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    ages = {**kept(90).max_age_ns, "metric_rollups": 3 * DAY_NS}
    with opened(tmp_path, clock, retention=Retention(ages, None)) as storage:
        send(storage, clock, [number(1, 5)])
        clock.advance(DAY_S)
        storage.tick()
        assert files(tmp_path)
        clock.advance(3 * DAY_S)
        storage.tick()
        storage.tick()
        assert not files(tmp_path)
        assert len(tasks(storage)) == 1
    with opened(tmp_path, clock, retention=Retention(ages, None)) as storage:
        storage.tick()
        assert not tasks(storage)


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path) -> None:
    clock, disk = ManualClock(START_NS), FailingDisk()
    with opened(tmp_path, clock, disk) as storage:
        sent = send(storage, clock, [number(1, 5)])
        clock.advance(2 * HOUR_S)
        storage.tick()
        check(tmp_path, sent)
        more = send(storage, clock, [number(2, 6)])
        clock.advance(SETTLED_S)
        disk.full = True
        with capture_logs() as logs:
            storage.tick()
        assert "metrics could not be rolled up; the former rollups stay" in [
            one["event"] for one in logs
        ]
        check(tmp_path, sent)
        assert not list((tmp_path / "staging").glob("r*"))
        disk.full = False
        storage.tick()
        check(tmp_path, sent)
        clock.advance(HOUR_S)
        storage.tick()
        check(tmp_path, sent + more)
    assert verify(tmp_path).ok


def test_a_catalog_made_anew_has_each_rollup_once_and_loses_no_log(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    with opened(tmp_path, clock) as storage:
        sent = send(storage, clock, [number(1, 5)])
        clock.advance(2 * HOUR_S)
        storage.tick()
        sent += send(storage, clock, [number(2, 6)])
        clock.advance(SETTLED_S)
        storage.tick()
        assert len(list((tmp_path / "files").glob("r*"))) == 2, "the former one as well"
    for path in tmp_path.glob("catalog.sqlite*"):
        path.unlink()
    assert rebuild_catalog(tmp_path).ok
    with opened(tmp_path, clock) as storage:
        check(tmp_path, sent)
        storage.tick()
        assert not tasks(storage)
        sent += send(storage, clock, [number(3, 6)])
        clock.advance(SETTLED_S)
        storage.tick()
        check(tmp_path, sent)


@pytest.mark.slow
def test_the_worker_is_a_process(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    with opened(tmp_path, clock, worker=Worker()) as storage:
        sent = send(storage, clock, some_points(Random(3), 100))
        clock.advance(DAY_S)
        storage.tick()
        check(tmp_path, sent)
        assert not list((tmp_path / "staging").iterdir())


def _operations_of_a_start(left: Path, data_dir: Path, clock: ManualClock) -> int:
    shutil.copytree(left, data_dir)
    disk = DyingDisk()
    abandon(rolled_up_here(data_dir, clock, disk))
    return disk.operations


def _die_rolling_up(data_dir: Path, clock: ManualClock, disk: DyingDisk) -> int:
    """Late points arrived for an hour that is rolled up: how many operations were asked for."""
    storage = None
    try:
        storage = rolled_up_here(data_dir, clock, disk)
        storage.tick()
    except Died:
        pass
    finally:
        if storage is not None:
            abandon(storage)
    return disk.operations


@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_at_every_operation_leaves_the_former_rollup_or_the_new(
    tmp_path: Path, power_cut: bool
) -> None:
    left = tmp_path / "left"
    clock = ManualClock(START_NS)
    with opened(left, clock) as storage:
        former = send(storage, clock, [number(1, 5), number(2, 3)])
        clock.advance(2 * HOUR_S)
        storage.tick()
        new = former + send(storage, clock, [number(3, 9)])
    clock.advance(SETTLED_S)
    die_at, operations, seen = (
        _operations_of_a_start(left, tmp_path / "start", clock),
        1 << 30,
        set(),
    )
    while operations >= die_at:
        die_at += 1
        data_dir = tmp_path / str(die_at)
        shutil.copytree(left, data_dir)
        operations = _die_rolling_up(data_dir, clock, DyingDisk(die_at, power_cut))
        with opened(data_dir, clock) as storage:
            counted = sum(row["point_count"] for row in rollups(data_dir))
            check(data_dir, former if counted == 2 * len(former) else new)
            seen.add(counted)
            storage.tick()
            check(data_dir, new)
        assert verify(data_dir).ok
        shutil.rmtree(data_dir)
    assert seen == {2 * len(former), 2 * len(new)}
