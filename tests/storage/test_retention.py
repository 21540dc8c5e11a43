"""What retention lets go, and when it is gone from the disk."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.failing_disk import FailingDisk
from support.fake_decoder import START_NS, group
from support.storage_folder import lake_files, numbers, opened

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.schemas import STORED_TABLES
from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile
from storage.engine import Storage
from storage.partitions import Partition
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.retention import Retention, due

DAY_S = 86_400
AGES = {
    **dict.fromkeys(STORED_TABLES, 12 * DAY_NS),
    "spans": 3 * DAY_NS,
    "logs": 5 * DAY_NS,
    "metric_points": 9 * DAY_NS,
}


def catalog_file(
    id_: int, table: str, received_day: int, size_bytes: int, days: tuple[int, int]
) -> CatalogFile:
    entry = FileEntry(
        id=str(id_),
        table=table,
        tenant="default",
        path="",
        row_count=1,
        size_bytes=size_bytes,
        min_time_ns=days[0] * DAY_NS,
        max_time_ns=days[1] * DAY_NS,
        columns=(),
        strays=frozenset(),
        promotion="",
        max_received_ns=received_day * DAY_NS,
    )
    return CatalogFile(entry, Partition(days[0], 24), last_segment=1, crc32=None)


@st.composite
def folders(draw: st.DrawFn) -> list[CatalogFile]:
    count = draw(st.integers(0, 20))
    return [
        catalog_file(
            number,
            draw(st.sampled_from(STORED_TABLES)),
            draw(st.integers(0, 20)),
            draw(st.integers(1, 100)),
            (first := draw(st.integers(0, 20)), first + draw(st.integers(0, 2))),
        )
        for number in range(count)
    ]


@given(folders(), st.integers(0, 30), st.none() | st.integers(0, 500))
def test_what_is_too_old_or_too_much_goes_oldest_first(
    files: list[CatalogFile], today: int, max_total_bytes: int | None
) -> None:
    gone = due(files, Retention(AGES, max_total_bytes), today * DAY_NS)
    kept = [file for file in files if file not in gone]
    rows = [file for file in kept if file.entry.table != "metric_series"]
    for file in rows:
        assert today * DAY_NS - file.max_received_ns <= AGES[file.entry.table]
    too_young = [
        file
        for file in gone
        if file.entry.table != "metric_series"
        and today * DAY_NS - file.max_received_ns <= AGES[file.entry.table]
    ]
    if too_young:
        assert max_total_bytes is not None
        youngest_ns = max(file.max_received_ns for file in too_young)
        assert all(file.max_received_ns >= youngest_ns for file in rows)
    if max_total_bytes is not None and rows:
        assert sum(file.entry.size_bytes for file in kept) <= max_total_bytes


@given(folders(), st.integers(0, 30))
def test_series_stay_as_long_as_points_or_rollups_of_their_days(
    files: list[CatalogFile], today: int
) -> None:
    gone = due(files, Retention(AGES, None), today * DAY_NS)
    for file in files:
        if file.entry.table != "metric_series":
            continue
        has_points = any(
            other.entry.table in ("metric_points", "metric_rollups")
            and other not in gone
            and other.entry.min_time_ns <= file.entry.max_time_ns
            and file.entry.min_time_ns <= other.entry.max_time_ns
            for other in files
        )
        assert (file in gone) == (not has_points)


def kept_for(days: int) -> Retention:
    return Retention(dict.fromkeys(AGES, days * DAY_NS), None)


def let_go(storage: Storage) -> None:
    assert storage._maintenance is not None
    storage._maintenance.tick()


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_old_rows_are_gone_at_once_and_their_files_ten_minutes_later(
    tmp_path: Path, signal: str
) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock, retention=kept_for(2))
    table = {"traces": "spans", "logs": "logs", "metrics": "metric_points"}[signal]
    storage.commit([group([1, 2], signal=signal)])  # type: ignore[arg-type]
    storage.flush()
    clock.advance(2 * DAY_S)
    let_go(storage)
    assert numbers(storage, table) == Counter([1, 2]), "not older than two days"
    files = list((tmp_path / "files").iterdir())
    clock.advance(1)
    let_go(storage)
    assert not numbers(storage, table)
    assert not lake_files(tmp_path)
    assert list((tmp_path / "files").iterdir()) == files
    clock.advance(KEPT_AFTER_LAST_PIN_S)
    let_go(storage)
    assert not list((tmp_path / "files").iterdir())
    storage.close(10)


def test_a_query_under_way_keeps_its_files(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock, retention=kept_for(1))
    storage.commit([group([1])])
    storage.flush()
    clock.advance(DAY_S + 1)
    with storage.snapshot("default") as snapshot:
        let_go(storage)
        clock.advance(10 * KEPT_AFTER_LAST_PIN_S)
        let_go(storage)
        assert all(Path(entry.path).exists() for entry in snapshot.files)
        with storage.snapshot("default") as later:
            assert not later.files
    let_go(storage)
    assert list((tmp_path / "files").iterdir()), "ten minutes begin when the query has ended"
    clock.advance(KEPT_AFTER_LAST_PIN_S)
    let_go(storage)
    assert not list((tmp_path / "files").iterdir())
    storage.close(10)


def test_a_start_deletes_what_was_let_go(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock, retention=kept_for(1))
    storage.commit([group([1])])
    storage.flush()
    clock.advance(DAY_S + 1)
    let_go(storage)
    storage.close(10)
    again = opened(tmp_path, clock=clock)
    assert not list((tmp_path / "files").iterdir())
    assert not numbers(again)
    assert not again.status()["last_start"]["set_aside"]
    again.close(10)


def test_a_disk_that_refuses_is_asked_again(tmp_path: Path) -> None:
    clock, disk = ManualClock(START_NS), FailingDisk()
    storage = opened(tmp_path, disk, clock, retention=kept_for(1))
    storage.commit([group([1])])
    storage.flush()
    clock.advance(DAY_S + 1)
    disk.failing = {"unlink"}
    let_go(storage)
    clock.advance(KEPT_AFTER_LAST_PIN_S)
    let_go(storage)
    assert not numbers(storage)
    assert list((tmp_path / "files").iterdir())
    disk.failing = set()
    let_go(storage)
    assert not list((tmp_path / "files").iterdir())
    assert not lake_files(tmp_path)
    storage.close(10)


def test_a_name_that_could_not_be_deleted_does_not_stay_as_long_as_its_file(tmp_path: Path) -> None:
    clock, disk = ManualClock(START_NS), FailingDisk()
    storage = opened(tmp_path, disk, clock, retention=kept_for(1))
    storage.commit([group([1])])
    storage.flush()
    clock.advance(DAY_S + 1)
    disk.failing = {"unlink"}
    let_go(storage)
    assert lake_files(tmp_path)
    disk.failing = set()
    let_go(storage)
    assert not lake_files(tmp_path)
    assert list((tmp_path / "files").iterdir())
    storage.close(10)


def test_points_that_come_after_their_series_went_bring_it_again(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock, retention=kept_for(1))
    storage.commit([group([1], signal="metrics")])
    storage.flush()
    clock.advance(DAY_S + 1)
    let_go(storage)
    assert not numbers(storage, "metric_series")
    storage.commit([group([8], signal="metrics")])
    assert numbers(storage, "metric_series") == Counter([1])
    clock.advance(60)
    let_go(storage)
    storage.flush()
    assert numbers(storage, "metric_series") == Counter([1])
    assert numbers(storage, "metric_points") == Counter([8])
    storage.close(10)


def test_points_under_way_keep_their_series(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock, retention=kept_for(1))
    storage.commit([group([1], signal="metrics")])
    storage.flush()
    clock.advance(DAY_S + 1)
    storage.commit([group([8], signal="metrics")])
    let_go(storage)
    assert numbers(storage, "metric_points") == Counter([8])
    assert numbers(storage, "metric_series") == Counter([1])
    storage.close(10)


def test_the_oldest_go_where_all_take_too_much(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock, retention=Retention(dict.fromkeys(AGES, 1 << 62), 1))
    storage.commit([group([1])])
    storage.flush()
    let_go(storage)
    assert not numbers(storage)
    storage.close(10)
