"""What is told of rows on their way into files."""

from pathlib import Path

import pytest
from support.fake_decoder import group
from support.storage_folder import opened

from goldeneye.clock import ManualClock
from goldeneye.telemetry import REGISTRY


def _told(name: str) -> float:
    value = REGISTRY.get_sample_value(f"goldeneye_storage_{name}")
    assert value is not None
    return value


def test_rows_have_an_age_until_they_are_in_files(tmp_path: Path) -> None:
    clock = ManualClock()
    storage = opened(tmp_path, clock=clock)
    assert _told("unflushed_age_seconds") == 0
    storage.commit([group([1, 2])])
    flusher = storage._flusher
    assert flusher is not None
    flusher.tick()
    clock.advance(7)
    assert _told("unflushed_age_seconds") == pytest.approx(7)
    assert _told("wal_unflushed_bytes") == len(b"[1, 2]")
    assert _told("hot_bytes") > 0
    storage.flush()
    assert _told("unflushed_age_seconds") == 0
    assert _told("wal_unflushed_bytes") == _told("hot_bytes") == 0
    storage.close(10)


def test_the_free_disk_is_told_as_it_is(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    assert 0 < _told("disk_free_bytes") < 1 << 60
    storage.close(10)
