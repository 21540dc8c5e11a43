import threading
import time
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pytest
from support.fake_decoder import START_NS, group
from support.storage_folder import NUMBER, abandon, column, lake_files, numbers, opened

from goldeneye import limits
from goldeneye.clock import ManualClock
from goldeneye.errors import StartupError, StorageUnavailable
from goldeneye.limits import MIB


def test_what_was_committed_is_seen_at_once(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1, 2], [3]), group([4], signal="logs")])

    assert numbers(storage) == Counter([1, 2, 3])
    assert numbers(storage, "logs") == Counter([4])
    storage.close(10)


def test_flushed_rows_change_places_and_the_log_is_empty(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1, 2, 3]), group([1, 2, 8], signal="metrics")])
    assert storage.flush()

    assert not storage.snapshot("default").hot
    assert numbers(storage) == Counter([1, 2, 3])
    assert numbers(storage, "metric_points") == Counter([1, 2, 8])
    assert numbers(storage, "metric_series") == Counter([1, 2])
    assert not list((tmp_path / "wal").iterdir())
    assert not list((tmp_path / "staging").iterdir())
    storage.close(10)


def test_an_entry_says_what_its_file_holds(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([5, 9])])
    storage.flush()
    (entry,) = storage.snapshot("default").files_within("spans", None, None)
    storage.close(10)

    assert (entry.table, entry.tenant, entry.row_count) == ("spans", "default", 2)
    assert (entry.min_time_ns, entry.max_time_ns) == (START_NS + 5, START_NS + 9)
    assert entry.size_bytes == Path(entry.path).stat().st_size
    described = duckdb.sql("DESCRIBE SELECT * FROM read_parquet($p)", params={"p": entry.path})
    plain = [(name, kind.replace('"', "")) for name, kind in entry.columns]
    assert plain == [(row[0], row[1].replace('"', "")) for row in described.fetchall()]
    assert ("attributes.shop.number", "BIGINT") in entry.columns
    assert "attributes.http.route" not in dict(entry.columns)


def test_tenants_do_not_see_one_another(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1]), group([2], tenant="other/shop")])
    storage.flush()
    storage.commit([group([3], tenant="other/shop")])

    assert numbers(storage) == Counter([1])
    assert numbers(storage, tenant="other/shop") == Counter([2, 3])
    assert len(lake_files(tmp_path, "spans")) == 2
    storage.close(10)


def test_other_programs_read_the_lake_and_count_the_same(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    for first in (0, 100, 200):
        storage.commit([group(list(range(first, first + 50)), signal="metrics")])
        storage.commit([group(list(range(first, first + 50)))])
        storage.flush()
    storage.close(10)

    pattern = f"{tmp_path}/lake/spans/**/*.parquet"
    found = duckdb.sql(
        'SELECT count(*), count(DISTINCT "attributes.shop.number"), min(start_time)'
        f" FROM read_parquet('{pattern}', hive_partitioning = true, union_by_name = true)"
    ).fetchall()[0]
    assert found[:2] == (150, 150)
    assert str(found[2]).startswith("2026-01-01 00:00:00")
    partitions = ds.dataset(tmp_path / "lake" / "metric_points", partitioning="hive")
    assert partitions.count_rows() == 150
    series = ds.dataset(tmp_path / "lake" / "metric_series", partitioning="hive")
    assert sorted(series.to_table()["series_id"].to_pylist()) == list(range(7))
    assert set(series.to_table()["hour"].to_pylist()) == {24}


def test_a_reader_never_sees_a_row_twice_or_never(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    total, done = 400, threading.Event()
    acknowledged = 0

    def write() -> None:
        nonlocal acknowledged
        for number in range(total):
            storage.commit([group([number])])
            acknowledged = number + 1
            if number % 23 == 0:
                storage.flush()
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while not done.is_set():
        before = acknowledged
        seen = numbers(storage)
        assert set(seen.values()) <= {1}
        # In order, without a gap, and nothing acknowledged is missing.
        assert set(seen) == set(range(len(seen)))
        assert len(seen) >= before
        looks += 1
    writer.join()
    assert looks > 3
    storage.close(10)


def test_a_held_folder_is_refused_and_named(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    with pytest.raises(StartupError, match=str(tmp_path)):
        opened(tmp_path)
    storage.commit([group([1])])
    reader = opened(tmp_path, read_only=True)
    assert numbers(reader) == {1: 1}
    reader.close(10)
    storage.close(10)


def test_reading_only_writes_nothing_and_sees_the_log(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1])])
    storage.flush()
    storage.commit([group([2])])
    abandon(storage)

    def content() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in tmp_path.rglob("*")
        }

    before = content()
    reader = opened(tmp_path, read_only=True)
    other = opened(tmp_path, read_only=True)
    assert numbers(reader) == numbers(other) == Counter([1, 2])
    with pytest.raises(StorageUnavailable):
        reader.commit([group([3])])
    reader.close(10)
    other.close(10)
    assert content() == before


def test_an_empty_folder_can_be_read(tmp_path: Path) -> None:
    reader = opened(tmp_path, read_only=True)
    assert not numbers(reader)
    reader.close(10)
    assert not list(tmp_path.iterdir())


def test_closing_flushes_and_ends_committing(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1])])
    storage.close(10)

    assert len(lake_files(tmp_path, "spans")) == 1
    assert not list((tmp_path / "wal").iterdir())
    with pytest.raises(StorageUnavailable):
        storage.commit([group([2])])


def test_senders_wait_while_the_backlog_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backlog.BACKLOG_TIMEOUT_S", 0.05)
    storage = opened(tmp_path, max_backlog_bytes=1000)
    storage.commit([group(list(range(300)))])
    with pytest.raises(StorageUnavailable, match="max_backlog_mib"):
        storage.commit([group([1000])])

    monkeypatch.setattr("storage.backlog.BACKLOG_TIMEOUT_S", 30.0)
    waiting = threading.Thread(target=storage.commit, args=([group([1001])],))
    waiting.start()
    storage.flush()
    waiting.join(10)
    assert numbers(storage) == Counter([*range(300), 1001])
    storage.close(10)


def test_a_segment_that_is_due_is_flushed_without_being_asked(tmp_path: Path) -> None:
    storage = opened(tmp_path, segment_max_bytes=1000)
    storage.commit([group(list(range(300)))])
    with storage._book.changed:
        flushed = storage._book.changed.wait_for(
            lambda: storage.snapshot("default").files, timeout=10
        )
    assert flushed
    storage.close(10)


# A thousand rows of three bytes each in the log, and of some hundred in memory.
LIGHT_TO_SEND = [1] * 1_000
BYTES_BETWEEN = 20_000


def test_a_segment_whose_rows_are_heavy_is_flushed_before_it_is_long(tmp_path: Path) -> None:
    storage = opened(tmp_path, segment_max_bytes=BYTES_BETWEEN)
    storage.commit([group(LIGHT_TO_SEND)])
    assert storage.status()["wal"]["unflushed_bytes"] < BYTES_BETWEEN
    with storage._book.changed:
        assert storage._book.changed.wait_for(lambda: storage.snapshot("default").files, timeout=10)
    storage.close(10)


def test_the_status_says_how_it_stands(tmp_path: Path) -> None:
    storage = opened(tmp_path, min_free_bytes=MIB)
    storage.commit([group([1, 2])])
    status = storage.status()
    assert status["wal"]["sync"] == "group"
    assert status["wal"]["unflushed_segments"] == [1]
    assert status["wal"]["unflushed_bytes"] == len(b"[1, 2]")
    assert status["hot_rows"]["spans"] == 2
    assert 0 < status["hot"]["bytes"] < status["hot"]["max_bytes"] == 1024 * MIB
    assert status["min_free_bytes"] == MIB
    storage.flush()
    status = storage.status()
    assert status["files"]["spans"]["rows"] == 2
    assert status["wal"]["unflushed_bytes"] == 0
    storage.close(10)


def test_a_replayed_body_is_recognised_for_a_while_also_after_another_restart(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    storage = opened(tmp_path, clock=clock)
    sent = group([1, 2])
    storage.commit([sent])
    assert not storage.replayed("default", "traces", "json", sent.bodies[0])
    abandon(storage)
    for _ in range(2):
        storage = opened(tmp_path, clock=clock)
        assert storage.replayed("default", "traces", "json", sent.bodies[0])
        assert not storage.replayed("default", "logs", "json", sent.bodies[0])
        assert not storage.replayed("other", "traces", "json", sent.bodies[0])
        storage.close(10)
    storage = opened(tmp_path, clock=clock)
    clock.advance(limits.REPLAY_DEDUPLICATION_S + 1)
    assert not storage.replayed("default", "traces", "json", sent.bodies[0])
    storage.close(10)


def test_many_small_commits_become_few_chunks(tmp_path: Path) -> None:
    storage = opened(tmp_path, wal_sync="none")
    started_s = time.monotonic()
    for number in range(1200):
        storage.commit([group([number])])
    assert time.monotonic() - started_s < 20
    assert len(storage.snapshot("default").hot) < 3 * limits.HOT_MERGE_BATCHES
    assert column(storage, "spans", NUMBER["spans"]) == list(range(1200))
    storage.close(10)
