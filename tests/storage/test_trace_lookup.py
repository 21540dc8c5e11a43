"""A trace is found in few files, and wholly: after flush, merge, retention, deaths and damage."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.dying_disk import Died, DyingDisk
from support.fake_decoder import START_NS
from support.storage_folder import FOR_EVER, abandon
from support.traced import looked_up, opened_traced, rows_of, trace_of, traced

from goldeneye.clock import DAY_NS, HOUR_NS, ManualClock
from goldeneye.errors import StartupError
from goldeneye.schemas import WITH_TRACE_FILTERS
from goldeneye.telemetry import TRACE_FILTER_FAILURES
from storage.compaction.worker import carry_out
from storage.compaction.worker_process import MergeFailed, Worker
from storage.engine import Storage
from storage.file_system import FileSystem, RealFileSystem
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.retention import Retention
from storage.trace_filter import path_of
from storage.verify import rebuild_catalog, verify

SENT = [[0, 1, 2, 3, 4, 5], [6, 40, 41], [7, 8, 42], [80, 81, 82, 83]]
NUMBERS = [number for numbers in SENT for number in numbers]
NOWHERE = "f" * 32


class MergesHere(Worker):
    def __init__(self, fs: FileSystem) -> None:
        super().__init__()
        self._fs = fs

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return carry_out(task, self._fs)
        except OSError as error:
            raise MergeFailed(str(error)) from error


def fill(storage: Storage) -> None:
    """A flush for each part."""
    for numbers in SENT:
        storage.commit([traced(numbers), traced(numbers, "logs")])
        assert storage.flush()


def check(storage: Storage, numbers: list[int] = NUMBERS) -> None:
    for table in ("spans", "logs"):
        for number in numbers:
            trace_id = trace_of(number)
            assert looked_up(storage, table, trace_id) == rows_of(numbers, trace_id)
        assert not looked_up(storage, table, NOWHERE)


def candidates(storage: Storage, *trace_ids: str, table: str = "spans") -> int:
    with storage.snapshot("default") as snapshot:
        files = snapshot.files_within(table, None, None)
        return len(snapshot.files_with_traces(files, trace_ids))


def filters(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "files").glob("*.traces"))


def expected_filters(storage: Storage) -> list[Path]:
    with storage.snapshot("default") as snapshot:
        return sorted(
            path_of(Path(file.path)) for file in snapshot.files if file.table in WITH_TRACE_FILTERS
        )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_NS)


@pytest.fixture
def storage(tmp_path: Path, clock: ManualClock) -> Iterator[Storage]:
    storage = opened_traced(tmp_path, clock=clock, worker=MergesHere(RealFileSystem()))
    fill(storage)
    yield storage
    storage.close(10)


def test_flushed_files_are_told_apart(storage: Storage, tmp_path: Path) -> None:
    check(storage)
    assert candidates(storage, trace_of(1)) == 1
    assert candidates(storage, trace_of(5)) == 2
    assert candidates(storage, trace_of(1), trace_of(80)) == 2
    assert candidates(storage, NOWHERE) == 0
    assert candidates(storage, NOWHERE, table="logs") == 0
    assert candidates(storage) == 0
    assert filters(tmp_path) == expected_filters(storage)


def test_ids_that_are_none_are_looked_for_everywhere(storage: Storage) -> None:
    assert candidates(storage, "abc") == len(SENT)


def test_merged_files_have_filters_of_their_own(
    storage: Storage, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(2 * HOUR_NS / 1e9)
    storage.tick()
    check(storage)
    assert (candidates(storage, trace_of(1)), candidates(storage, NOWHERE)) == (1, 0)
    for _ in range(2):
        clock.advance(KEPT_AFTER_LAST_PIN_S + 1)
        storage.tick()
    assert filters(tmp_path) == expected_filters(storage)


def test_filters_go_with_their_files(tmp_path: Path, clock: ManualClock) -> None:
    kept = Retention({**FOR_EVER.max_age_ns, "spans": DAY_NS, "logs": DAY_NS}, None)
    storage = opened_traced(tmp_path, clock=clock, retention=kept)
    fill(storage)
    clock.advance(2 * DAY_NS / 1e9)
    storage.tick()
    assert not looked_up(storage, "spans", trace_of(1))
    for _ in range(2):
        clock.advance(KEPT_AFTER_LAST_PIN_S + 1)
        storage.tick()
    assert filters(tmp_path) == expected_filters(storage)
    storage.close(10)


def test_a_start_deletes_filters_without_a_file_and_no_others(
    storage: Storage, tmp_path: Path
) -> None:
    before = filters(tmp_path)
    orphan = tmp_path / "files" / "000000009999-0000.traces"
    orphan.write_bytes(b"x")
    abandon(storage)
    again = opened_traced(tmp_path)
    assert filters(tmp_path) == before
    assert again.status()["quarantine"] == []
    check(again)
    again.close(10)


@pytest.mark.parametrize("damage", ["missing", "torn", "bit", "empty", "a folder"])
def test_without_its_filter_a_file_is_read(storage: Storage, tmp_path: Path, damage: str) -> None:
    for path in filters(tmp_path):
        data = bytearray(path.read_bytes())
        path.unlink()
        if damage == "torn":
            path.write_bytes(data[:100])
        elif damage == "bit":
            data[5] ^= 4
            path.write_bytes(data)
        elif damage == "empty":
            path.touch()
        elif damage == "a folder":
            path.mkdir()
    before = TRACE_FILTER_FAILURES._value.get()
    assert candidates(storage, trace_of(1)) == len(SENT)
    assert TRACE_FILTER_FAILURES._value.get() == before + len(SENT)
    check(storage)
    abandon(storage)
    if damage != "a folder":
        report = verify(tmp_path)
        assert report.ok == (damage == "missing")
        assert ".traces: " in str(report)


def test_verify_notices_the_filter_of_another_file(storage: Storage, tmp_path: Path) -> None:
    abandon(storage)
    assert verify(tmp_path).ok
    one, *_, other = filters(tmp_path)
    other.write_bytes(one.read_bytes())
    assert [str(other) in problem for problem in verify(tmp_path).problems] == [True]


def test_a_catalog_made_anew_knows_the_filters(storage: Storage, tmp_path: Path) -> None:
    abandon(storage)
    assert rebuild_catalog(tmp_path).ok
    again = opened_traced(tmp_path)
    check(again)
    assert candidates(again, trace_of(1)) == 1
    again.close(10)


def live(data_dir: Path, disk: DyingDisk) -> list[int]:
    """Commits, flushes and a merge, until the disk dies; the numbers that were acknowledged."""
    clock, acknowledged = ManualClock(START_NS), list[int]()
    storage = None
    try:
        storage = opened_traced(data_dir, disk, clock, MergesHere(disk))
        for numbers in SENT[:2]:
            storage.commit([traced(numbers), traced(numbers, "logs")])
            acknowledged += numbers
            storage.flush()
        for after_s in (2 * HOUR_NS / 1e9, KEPT_AFTER_LAST_PIN_S + 1, KEPT_AFTER_LAST_PIN_S + 1):
            clock.advance(after_s)
            storage.tick()
    except Died:
        pass
    finally:
        if storage is not None:
            abandon(storage)
    return acknowledged


@pytest.mark.parametrize("power_cut", [False, True])
def test_after_any_death_a_trace_is_found(tmp_path: Path, power_cut: bool) -> None:
    whole = DyingDisk()
    live(tmp_path / "whole", whole)
    assert whole.operations > 100
    for die_at in range(5 if power_cut else 1, whole.operations + 1, 9):
        data_dir = tmp_path / str(die_at)
        acknowledged = live(data_dir, DyingDisk(die_at, power_cut))
        try:
            again = opened_traced(data_dir)
        except StartupError:
            assert not acknowledged
            continue
        assert not [name for name in again.status()["quarantine"] if name.endswith(".traces")]
        assert again.flush()
        for trace_id in map(trace_of, acknowledged):
            assert rows_of(acknowledged, trace_id) <= looked_up(again, "spans", trace_id)
        assert filters(data_dir) == expected_filters(again)
        again.close(10)
