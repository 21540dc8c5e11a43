"""Merged files answer as the many did: for us, for others, after any death, without a catalog."""

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import duckdb
import pyarrow.parquet as pq
import pytest
from structlog.testing import capture_logs
from support.dying_disk import STEPS, Died, DyingDisk
from support.failing_disk import FailingDisk
from support.fake_decoder import START_NS, group
from support.storage_folder import abandon, column, lake_files, numbers, opened

from goldeneye.clock import ManualClock
from goldeneye.errors import StorageUnavailable
from goldeneye.limits import MIB
from goldeneye.schemas import WITH_TRACE_FILTERS
from goldeneye.telemetry import COMPACTION_FAILURES
from storage import parquet
from storage.compaction.worker import carry_out
from storage.compaction.worker_process import MergeFailed, Worker
from storage.engine import Storage
from storage.file_system import FileSystem, RealFileSystem
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.trace_filter import path_of
from storage.verify import rebuild_catalog, verify

HOUR_S = 3_600
FLUSHES = 5


class HereAndNow(Worker):
    """Merges in this process, through the test's disk."""

    def __init__(self, fs: FileSystem) -> None:
        super().__init__()
        self.fs = fs
        self.fault: Exception | None = None

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        if self.fault is not None:
            raise self.fault
        return carry_out(task, self.fs)


def fill(storage: Storage) -> list[int]:
    """Files of several generations; the numbers in them."""
    sent = []
    for flush in range(FLUSHES):
        step = [10 * flush, 10 * flush + 1]
        for signal in ("traces", "logs", "metrics"):
            storage.commit([group(step, signal=signal)])  # type: ignore[arg-type]
        storage.flush()
        sent += step
    return sent


def compact(storage: Storage, worker: Worker | None = None) -> None:
    assert storage._maintenance is not None
    if worker is not None:
        storage._maintenance._compactor._swap._worker = worker
    storage._maintenance.tick()


def check(storage: Storage, data_dir: Path, sent: list[int]) -> None:
    for table in ("spans", "logs", "metric_points"):
        assert numbers(storage, table) == Counter(sent)
    assert numbers(storage, "metric_series") == Counter({number % 7 for number in sent})
    for table in ("spans", "logs"):
        found = duckdb.sql(
            f'SELECT count(*), count(DISTINCT "attributes.shop.number") '
            f"FROM read_parquet('{data_dir}/lake/{table}/**/*.parquet', union_by_name = true)"
        ).fetchall()
        assert found == [(len(sent), len(sent))]


@pytest.mark.parametrize("in_a_process", [True, False])
def test_settled_files_become_one(tmp_path: Path, in_a_process: bool) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    with storage.snapshot("default") as before:
        assert len(before.files) > 3 * FLUSHES
        clock.advance(2 * HOUR_S)
        compact(storage, None if in_a_process else HereAndNow(RealFileSystem()))
        check(storage, tmp_path, sent)
        assert len(lake_files(tmp_path, "spans")) == 1
        clock.advance(2 * KEPT_AFTER_LAST_PIN_S)
        compact(storage)
        assert all(Path(entry.path).exists() for entry in before.files), "a query reads them"
    compact(storage)
    clock.advance(KEPT_AFTER_LAST_PIN_S)
    compact(storage)
    with storage.snapshot("default") as after:
        assert {Path(entry.path) for entry in after.files} == set(
            (tmp_path / "files").glob("*.parquet")
        )
        assert {path_of(Path(e.path)) for e in after.files if e.table in WITH_TRACE_FILTERS} == set(
            (tmp_path / "files").glob("*.traces")
        )
    assert column(storage, "spans", "attributes.shop.number") == sent, "in the order they came"
    storage.close(10)
    assert verify(tmp_path).ok
    again = opened(tmp_path, clock=clock)
    check(again, tmp_path, sent)
    assert not again.status()["last_start"]["set_aside"]
    again.close(10)


def test_what_is_merged_says_what_it_replaces(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    names = {path.stem for path in lake_files(tmp_path, "spans")}
    clock.advance(2 * HOUR_S)
    compact(storage)
    (merged,) = lake_files(tmp_path, "spans")
    said, _ = parquet.read_metadata(merged)
    assert set(said["replaces"]) == names
    assert said["row_count"] == len(sent)
    storage.close(10)


@pytest.mark.slow
def test_late_rows_join_their_day(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    clock.advance(32 * HOUR_S)
    compact(storage)
    assert "hour=24" in str(lake_files(tmp_path, "spans")[0])
    late = fill_more(storage, 100)
    clock.advance(HOUR_S * 8)
    compact(storage)
    check(storage, tmp_path, sent + late)
    assert len(lake_files(tmp_path, "spans")) == 1
    storage.close(10)


def fill_more(storage: Storage, number: int) -> list[int]:
    for signal in ("traces", "logs", "metrics"):
        storage.commit([group([number], signal=signal)])  # type: ignore[arg-type]
    storage.flush()
    return [number]


def test_a_catalog_made_anew_counts_each_row_once(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    clock.advance(2 * HOUR_S)
    compact(storage)
    sent += fill_more(storage, 200)
    abandon(storage)  # the inputs are still in files/
    for path in tmp_path.glob("catalog.sqlite*"):
        path.unlink()
    assert rebuild_catalog(tmp_path).ok
    again = opened(tmp_path, clock=clock)
    check(again, tmp_path, sent)
    again.close(10)


def test_files_that_cannot_be_merged_stay_and_are_left_alone_for_an_hour(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    worker = HereAndNow(RealFileSystem())
    worker.fault = MergeFailed("no memory")
    clock.advance(2 * HOUR_S)
    compact(storage, worker)
    check(storage, tmp_path, sent)
    worker.fault = None
    compact(storage, worker)
    assert len(lake_files(tmp_path, "spans")) == FLUSHES
    clock.advance(HOUR_S + 1)
    compact(storage, worker)
    assert len(lake_files(tmp_path, "spans")) == 1
    check(storage, tmp_path, sent)
    storage.close(10)


def test_a_file_that_was_merged_before_it_got_its_link_never_gets_one(tmp_path: Path) -> None:
    clock, disk = ManualClock(START_NS), FailingDisk()
    storage = opened(tmp_path, disk, clock)
    disk.failing = {"link"}
    sent = fill(storage)
    clock.advance(2 * HOUR_S)
    compact(storage)
    assert not lake_files(tmp_path)
    disk.failing = set()
    storage.flush()
    check(storage, tmp_path, sent)
    assert len(lake_files(tmp_path, "spans")) == 1
    storage.close(10)


class OnFullDisk(HereAndNow):
    """Fails as the worker's process does."""

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return super().merge(task)
        except OSError as error:
            raise MergeFailed(str(error)) from error


@pytest.mark.parametrize("fault", ["write", "rename"])
def test_a_disk_that_fails_in_a_merge_leaves_everything_as_it_was(
    tmp_path: Path, fault: str
) -> None:
    clock, disk = ManualClock(START_NS), FailingDisk()
    storage = opened(tmp_path, disk, clock)
    sent = fill(storage)
    before = sorted(tmp_path.rglob("0*.parquet"))
    clock.advance(2 * HOUR_S)
    disk.full = fault == "write"
    disk.failing = {"rename"} & {fault}
    compact(storage, OnFullDisk(disk))
    check(storage, tmp_path, sent)
    assert sorted(tmp_path.rglob("0*.parquet")) == before
    assert not list(tmp_path.rglob("m*.parquet"))
    assert not list(tmp_path.rglob("m*.traces"))
    if disk.full:
        with pytest.raises(StorageUnavailable):
            storage.commit([group([9])])
    disk.full, disk.failing = False, set()
    clock.advance(HOUR_S + 1)
    compact(storage)
    assert len(lake_files(tmp_path, "spans")) == 1
    check(storage, tmp_path, sent)
    storage.close(10)
    assert verify(tmp_path).ok


def test_a_merge_does_not_take_the_space_that_is_kept_back(tmp_path: Path) -> None:
    clock, disk = ManualClock(START_NS), FailingDisk()
    storage = opened(tmp_path, disk, clock, min_free_bytes=2 * MIB)
    sent = fill(storage)
    clock.advance(2 * HOUR_S)
    disk.free = 2 * MIB + 100
    compact(storage)
    assert len(lake_files(tmp_path, "spans")) == FLUSHES
    storage.commit([group([50])])
    disk.free = None
    clock.advance(HOUR_S + 1)
    compact(storage)
    assert len(lake_files(tmp_path, "spans")) == 1
    assert numbers(storage) == Counter([*sent, 50])
    storage.close(10)


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_input_is_left_out_of_the_merge(tmp_path: Path, damage: str) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    damaged = lake_files(tmp_path, "logs")[2]
    damaged.write_bytes(b"no parquet")
    if damage == "gone":
        (tmp_path / "files" / damaged.name).unlink()
    clock.advance(2 * HOUR_S)
    compact(storage)
    merged, left = lake_files(tmp_path, "logs")[::-1]
    assert left == damaged
    assert pq.read_metadata(merged).num_rows == len(sent) - 2
    assert len(lake_files(tmp_path, "spans")) == 1
    assert numbers(storage) == Counter(sent)
    storage.close(10)


def test_a_stop_ends_a_merge_without_a_word(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    fill(storage)
    clock.advance(2 * HOUR_S)
    with storage.snapshot("default") as snapshot:
        table, first = next((entry.table, Path(entry.path)) for entry in snapshot.files)
    first.unlink()
    os.mkfifo(first)  # whoever reads it waits for the writer, which only opens it
    failures = COMPACTION_FAILURES._value.get()
    assert storage._maintenance is not None
    with capture_logs() as logs, ThreadPoolExecutor(1) as executor:
        tick = executor.submit(storage._maintenance.tick)
        writer = os.open(first, os.O_WRONLY)
        assert storage._maintenance.stop(10)
        tick.result(10)
        os.close(writer)
    assert COMPACTION_FAILURES._value.get() == failures
    assert not [line for line in logs if line["log_level"] in ("warning", "error")]
    assert not list((tmp_path / "staging").iterdir())
    assert len(lake_files(tmp_path, table)) == FLUSHES
    storage.close(10)


def test_a_listing_of_the_catalog_serves_many_merges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock=clock)
    sent = fill(storage)
    files = Mock(wraps=storage._catalog.files)
    monkeypatch.setattr(storage._catalog, "files", files)
    clock.advance(2 * HOUR_S)
    compact(storage, HereAndNow(RealFileSystem()))
    check(storage, tmp_path, sent)
    assert len(lake_files(tmp_path, "logs")) == len(lake_files(tmp_path, "spans")) == 1
    # For retention, for rollups and what they replace, for the merges of all tables, and to see
    # that nothing is left.
    assert files.call_count == 5
    storage.close(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@STEPS
@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_at_every_operation_of_a_merge(tmp_path: Path, power_cut: bool, step: int) -> None:
    left = tmp_path / "left"
    storage = opened(left)
    sent = fill(storage)
    storage.close(10)
    die_at, operations = 1 - step, 1
    while operations >= die_at:
        die_at += step
        data_dir = tmp_path / str(die_at)
        shutil.copytree(left, data_dir)
        operations = _die_merging(data_dir, DyingDisk(die_at, power_cut))
        again = opened(data_dir)
        check(again, data_dir, sent)
        again.close(10)
        assert verify(data_dir).ok
        shutil.rmtree(data_dir)
    assert die_at > 20


def _die_merging(data_dir: Path, disk: DyingDisk) -> int:
    """How many operations were asked for."""
    clock = ManualClock(START_NS)
    storage = None
    try:
        storage = opened(data_dir, disk, clock)
        clock.advance(2 * HOUR_S)
        compact(storage, HereAndNow(disk))
        clock.advance(KEPT_AFTER_LAST_PIN_S)
        compact(storage)
    except Died:
        pass
    finally:
        if storage is not None:
            abandon(storage)
    return disk.operations
