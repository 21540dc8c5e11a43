from collections import Counter
from pathlib import Path

import pytest
from support.failing_disk import FailingDisk
from support.fake_decoder import group
from support.storage_folder import lake_files, numbers, opened

from goldeneye.errors import StorageUnavailable
from goldeneye.limits import MAX_FLUSH_ATTEMPTS, MIB
from goldeneye.telemetry import FILES, QUARANTINED, REGISTRY
from storage import parquet


def test_a_full_disk_loses_nothing_and_is_tried_for_as_long_as_it_takes(tmp_path: Path) -> None:
    disk = FailingDisk()
    storage = opened(tmp_path, disk)
    storage.commit([group([1, 2])])
    disk.full = True
    for _ in range(MAX_FLUSH_ATTEMPTS + 2):
        assert not storage.flush()
    with pytest.raises(StorageUnavailable):
        storage.commit([group([3])])
    assert numbers(storage) == Counter([1, 2])
    assert "No space" in storage.status()["last_flush_error"]

    disk.full = False
    storage.commit([group([4])])
    assert storage.flush()
    assert numbers(storage) == Counter([1, 2, 4])
    assert storage.status()["last_flush_error"] is None
    assert not storage.status()["quarantine"]
    storage.close(10)


def test_space_is_kept_back(tmp_path: Path) -> None:
    disk = FailingDisk()
    storage = opened(tmp_path, disk, min_free_bytes=2 * MIB)
    storage.commit([group([1])])
    storage.flush()
    disk.free = MIB
    with pytest.raises(StorageUnavailable, match="min_free_mib"):
        storage.commit([group([2])])
    disk.free = None
    storage.commit([group([3])])
    assert numbers(storage) == Counter([1, 3])
    storage.close(10)


@pytest.mark.parametrize("operation", ["rename", "sync_folder", "unlink"])
def test_a_failing_disk_is_no_reason_to_set_data_aside(tmp_path: Path, operation: str) -> None:
    disk = FailingDisk()
    storage = opened(tmp_path, disk)
    storage.commit([group([1])])
    disk.failing = {operation}
    for _ in range(MAX_FLUSH_ATTEMPTS + 1):
        storage.flush()
    disk.failing = set()
    assert storage.flush()
    assert numbers(storage) == Counter([1])
    assert not storage.status()["quarantine"]
    assert not list((tmp_path / "wal").iterdir())
    storage.close(10)


def test_missing_links_do_not_hold_up_the_data(tmp_path: Path) -> None:
    disk = FailingDisk()
    storage = opened(tmp_path, disk)
    storage.commit([group([1])])
    disk.failing = {"link"}
    assert storage.flush()
    assert not storage.snapshot("default").hot
    assert not lake_files(tmp_path)
    disk.failing = set()
    storage.flush()
    assert len(lake_files(tmp_path, "spans")) == 1
    storage.close(10)


def test_data_that_cannot_be_written_is_set_aside_and_later_data_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = parquet.encode

    def refuse_13(rows, metadata):  # type: ignore[no-untyped-def]
        if "value_int" in rows.column_names and 13 in rows["value_int"].to_pylist():
            raise ValueError("an unlucky number")
        return encode(rows, metadata)

    monkeypatch.setattr(parquet, "encode", refuse_13)
    before = QUARANTINED._value.get()
    storage = opened(tmp_path)
    storage.commit([group([13, 14], signal="metrics")])
    with storage._book.changed:
        assert storage._wal is not None
        storage._wal.seal()
    # Of the same series, whose rows were first seen in the bad generation.
    storage.commit([group([6, 7], signal="metrics")])
    for _ in range(MAX_FLUSH_ATTEMPTS):
        storage.flush()

    assert numbers(storage, "metric_points") == Counter([6, 7])
    assert numbers(storage, "metric_series") == Counter([6, 0])
    assert storage.status()["quarantine"] == ["00000000000000000001.wal"]
    assert QUARANTINED._value.get() == before + 1
    storage.commit([group([13 - 7], signal="metrics")])
    storage.close(10)
    assert not list((tmp_path / "staging").iterdir())

    monkeypatch.setattr(parquet, "encode", encode)
    storage = opened(tmp_path)
    assert numbers(storage, "metric_points") == Counter([6, 6, 7])
    storage.commit([group([1])])
    assert storage.status()["wal"]["unflushed_segments"] == [4]
    storage.close(10)


def test_what_is_left_at_the_stop_stays_in_the_log(tmp_path: Path) -> None:
    disk = FailingDisk()
    storage = opened(tmp_path, disk)
    storage.commit([group([1])])
    disk.full = True
    storage.close(1)

    storage = opened(tmp_path)
    assert numbers(storage) == Counter([1])
    storage.close(10)


def test_files_are_counted(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1]), group([1], signal="logs")])
    storage.flush()
    assert REGISTRY.get_sample_value("goldeneye_storage_files", {"table": "logs"}) == 1
    storage.close(10)
    storage = opened(tmp_path)
    assert FILES.labels("spans")._value.get() == 1
    storage.close(10)
