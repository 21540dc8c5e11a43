"""Rows that Goldeneye writes itself: as durable as what clients send, and never mistaken for it."""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_decoder import START_NS, group
from support.own_rows import DELTA, events, notices, slo_rows, without_threads
from support.storage_folder import FOR_EVER, abandon, column, lake_files, numbers, opened

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.errors import StorageUnavailable
from goldeneye.schemas import PromotedKeys, table
from storage import own_rows
from storage.backup.backup import back_up
from storage.engine import Storage
from storage.file_system import RealFileSystem
from storage.removal import KEPT_AFTER_LAST_PIN_S
from storage.retention import Retention
from storage.verify import rebuild_catalog, verify
from storage.wal import segment
from storage.wal.recovery import RecoveredSegment

DAY_S = 86_400
_KILLED = """
import os, signal, sys
from pathlib import Path
from support.own_rows import events, slo_rows
from support.storage_folder import opened

storage = opened(Path(sys.argv[1]))
storage.append_rows({"alert_events": events(1, 2), "slo_minutes": slo_rows((0, 9.0, 10.0))})
storage.append_rows({"alert_events": events(1, 2)})
os.kill(os.getpid(), signal.SIGKILL)
"""


def values(storage: Storage, tenant: str = "default") -> Counter[float | None]:
    """How often each event is there."""
    return Counter(column(storage, "alert_events", "value", tenant))


def test_they_are_seen_at_once_and_become_files_of_their_day(tmp_path: Path) -> None:
    clock = ManualClock(START_NS + 5)
    storage = opened(tmp_path, clock=clock)
    storage.append_rows({"alert_events": events(1), "slo_minutes": slo_rows((0, 9.0, 10.0))})
    storage.append_rows({"alert_events": events(2)}, "other")
    assert values(storage) == Counter([1])
    assert storage.status()["hot_rows"]["alert_events"] == 2
    assert column(storage, "slo_minutes", "received_time") == [START_NS + 5]

    assert storage.flush()
    assert values(storage) == Counter([1])
    assert values(storage, "other") == Counter([2])
    assert not list((tmp_path / "wal").iterdir())
    (minutes,) = lake_files(tmp_path, "slo_minutes")
    folder = minutes.relative_to(tmp_path / "lake").parent
    assert str(folder) == "slo_minutes/tenant=default/date=2026-01-01/hour=24"
    storage.close(10)
    assert verify(tmp_path).ok


def test_a_killed_process_kept_what_it_answered(tmp_path: Path) -> None:
    """Also what it wrote twice: nobody sends our own rows again."""
    support = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": support},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL

    storage = opened(tmp_path)
    assert values(storage) == Counter([1, 2, 1, 2])
    assert column(storage, "slo_minutes", "good") == [9.0]
    storage.append_rows({"alert_events": events(1, 2)})
    assert values(storage) == Counter([1, 2] * 3)
    assert storage.flush()
    assert values(storage) == Counter([1, 2] * 3)
    storage.close(10)
    assert verify(tmp_path).ok


def test_a_record_says_what_it_is(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.append_rows({"alert_events": events(7)})
    abandon(storage)
    (number,) = segment.numbers_in(tmp_path / "wal")
    found = RecoveredSegment(number, segment.path_of(tmp_path / "wal", number), True)
    (record,) = found.records()
    rows = pa.ipc.open_stream(record.body).read_all()
    assert rows.schema == table("alert_events", PromotedKeys())
    assert rows.column("value").to_pylist() == [7.0]


def test_a_body_of_another_version_is_read_as_far_as_it_goes() -> None:
    rows = pa.record_batch({"slo": ["a"], "burned": [0.5]})
    found = own_rows.decoded("slo_minutes", [own_rows.encoded(rows), b"no Arrow"])
    (batch,) = found.batches.values()
    assert batch.schema == table("slo_minutes", PromotedKeys())
    assert batch.column("slo").to_pylist() == ["a"]
    assert batch.column("good").null_count == 1
    good, bad = found.results
    assert (good.accepted, good.error) == (1, None)
    assert bad.error is not None
    assert "slo_minutes" in bad.error


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"time": pa.array([1], pa.timestamp("ns")), "rules": ["a"]}, "no column rules"),
        ({"time": ["now"]}, "no column time of type string"),
        ({"rule": ["a"]}, "has no time"),
        ({"time": pa.array([None], pa.timestamp("ns"))}, "has no time"),
    ],
    ids=["column", "type", "no time", "NULL for a time"],
)
def test_rows_that_are_not_the_tables_are_refused(
    tmp_path: Path, wrong: dict[str, object], words: str
) -> None:
    storage = opened(tmp_path)
    with pytest.raises(ValueError, match=words):
        storage.append_rows({"slo_minutes": slo_rows((0, 1.0, 1.0)), "alert_events": batch(wrong)})
    assert column(storage, "slo_minutes", "good") == []
    storage.append_rows({"alert_events": events()})
    assert not list((tmp_path / "wal").iterdir()), "no rows are nothing to keep"
    storage.close(10)


def batch(columns: dict[str, object]) -> pa.RecordBatch:
    return pa.record_batch(columns)


def test_a_full_disk_refuses_them_whole(tmp_path: Path) -> None:
    class Full(RealFileSystem):
        is_full = False

        def free_bytes(self, path: Path) -> int:
            return 0 if self.is_full else 1 << 40

    disk = Full()
    storage = opened(tmp_path, disk, min_free_bytes=1)
    disk.is_full = True
    with pytest.raises(StorageUnavailable):
        storage.append_rows({"alert_events": events(1)})
    assert values(storage) == Counter()
    disk.is_full = False
    storage.append_rows({"alert_events": events(1)})
    assert values(storage) == Counter([1])
    storage.close(10)
    with pytest.raises(StorageUnavailable):
        storage.append_rows({"alert_events": events(1)})


def test_each_table_is_kept_as_long_as_said(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    ages = {"slo_minutes": 3 * DAY_NS, "alert_events": 5 * DAY_NS}
    kept = Retention({**FOR_EVER.max_age_ns, **ages}, None)
    storage = without_threads(tmp_path, clock, retention=kept)
    # What is told late of a minute long ago counts from when it was told.
    storage.append_rows(
        {"slo_minutes": slo_rows((-90 * 1_440, 1.0, 1.0)), "alert_events": events(1)}
    )
    assert storage.flush()
    for days, left in [(2.9, (1, 1)), (0.2, (0, 1)), (2.0, (0, 0))]:
        clock.advance(days * DAY_S)
        storage.tick()
        clock.advance(KEPT_AFTER_LAST_PIN_S + 1)
        storage.tick()
        assert (len(column(storage, "slo_minutes", "slo")), len(values(storage))) == left
    assert not list((tmp_path / "files").iterdir())
    storage.close(10)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.lists(DELTA, min_size=1, max_size=4), min_size=1, max_size=10))
def test_merged_files_sum_to_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, written: list[list[tuple[int, float, float]]]
) -> None:
    data_dir = tmp_path_factory.mktemp("merged")
    clock = ManualClock(START_NS)
    storage = without_threads(data_dir, clock)
    for deltas in written:
        storage.append_rows({"slo_minutes": slo_rows(*deltas)})
        assert storage.flush()
    clock.advance(3 * DAY_S)
    storage.tick()
    days = {minute // 1_440 for deltas in written for minute, _, _ in deltas}
    assert len(storage.snapshot("default").files) == len(days)
    storage.close(10)
    found = duckdb.sql(
        f"""SELECT epoch_ns(minute), sum(good), sum(total), count(*)
        FROM read_parquet('{data_dir}/lake/slo_minutes/**/*.parquet') GROUP BY ALL"""
    ).fetchall()
    wanted: dict[int, list[float]] = {}
    for minute, good, total in (delta for deltas in written for delta in deltas):
        sums = wanted.setdefault(START_NS + minute * 60 * 10**9, [0, 0, 0])
        sums[:] = [sums[0] + good, sums[1] + total, sums[2] + 1]
    assert {row[0]: list(row[1:]) for row in found} == wanted
    shutil.rmtree(data_dir)


def test_a_backup_and_a_new_catalog_have_them(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    storage.append_rows({"alert_events": events(1), "notifications": notices(["a", "b"], [])})
    assert storage.flush()
    storage.append_rows({"alert_events": events(2)})
    back_up(tmp_path / "data", tmp_path / "copy")
    storage.close(10)

    rebuild_catalog(tmp_path / "copy")
    copy = opened(tmp_path / "copy")
    assert values(copy) == Counter([1, 2])
    assert column(copy, "notifications", "alert_ids") == [["a", "b"], []]
    copy.close(10)
    assert verify(tmp_path / "copy").ok


def test_rows_of_clients_and_ours_go_their_ways_in_one_segment(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1, 2])])
    storage.append_rows({"alert_events": events(3)})
    storage.commit([group([4])])
    abandon(storage)
    again = opened(tmp_path)
    assert numbers(again) == Counter([1, 2, 4])
    assert values(again) == Counter([3])
    assert again.status()["last_start"]["replayed_requests"] == 3
    again.close(10)
