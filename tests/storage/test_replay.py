import itertools
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.fake_decoder import FakeDecoder, group
from support.storage_folder import NUMBER, abandon, column, numbers, opened, settings

from goldeneye.clock import ManualClock
from goldeneye.decoded import BodyResult, Decoded
from goldeneye.schemas import Encoding, Signal
from storage.engine import Storage

_NAME = "00000000000000000001.wal"


def left_in_log(data_dir: Path, *bodies: list[int]) -> Path:
    """A segment that a kill left; each body a record."""
    storage = opened(data_dir)
    for body in bodies:
        storage.commit([group(body)])
    abandon(storage)
    return data_dir / "wal" / _NAME


def test_what_the_log_holds_is_there_again_and_becomes_files(tmp_path: Path) -> None:
    segment = left_in_log(tmp_path, [1], [2, 3])
    storage = opened(tmp_path)
    assert numbers(storage) == Counter([1, 2, 3])
    assert storage.status()["last_start"]["replayed_requests"] == 2
    storage.flush()
    assert numbers(storage) == Counter([1, 2, 3])
    assert not segment.exists()
    storage.close(10)


def test_a_segment_without_records_does_not_stay(tmp_path: Path) -> None:
    segment = left_in_log(tmp_path, [1])
    content = segment.read_bytes()
    segment.write_bytes(content[: len(content) - 1])
    storage = opened(tmp_path)
    assert not numbers(storage)
    storage.flush()
    assert not segment.exists()
    assert not storage.status()["last_start"]["damage"]
    storage.commit([group([2])])
    assert storage.status()["wal"]["unflushed_segments"] == [2]
    storage.close(10)


def test_a_damaged_segment_is_named_and_kept_and_the_rest_is_replayed(tmp_path: Path) -> None:
    segment = left_in_log(tmp_path, [1], [222], [3])
    content = segment.read_bytes().replace(b"[222]", b"[2x2]")
    segment.write_bytes(content)
    storage = opened(tmp_path)
    assert numbers(storage) == Counter([1, 3])
    (damage,) = storage.status()["last_start"]["damage"]
    assert str(segment) in damage
    storage.close(10)
    assert (tmp_path / "quarantine" / _NAME).read_bytes() == content
    storage = opened(tmp_path)
    assert numbers(storage) == Counter([1, 3])
    storage.close(10)


def test_a_segment_of_another_version_stays_where_it_is(tmp_path: Path) -> None:
    left_in_log(tmp_path, [1])
    newer = tmp_path / "wal" / "00000000000000000007.wal"
    newer.write_bytes(b"GOLDWAL\0" + bytes([255] * 56))
    for _ in range(2):
        storage = opened(tmp_path)
        assert numbers(storage) == Counter([1])
        assert newer.name in storage.status()["last_start"]["unreadable_segments"][0]
        storage.close(10)
    assert newer.exists()
    storage = opened(tmp_path)
    storage.commit([group([2])])
    assert storage.status()["wal"]["unflushed_segments"] == [8]
    storage.close(10)


class Refusing(FakeDecoder):
    def decode(
        self, signal: Signal, encoding: str, bodies: object, received_time_ns: object
    ) -> Decoded:
        return Decoded({}, [BodyResult(error="not any more")])


def test_a_body_that_is_refused_now_is_kept(tmp_path: Path) -> None:
    segment = left_in_log(tmp_path, [1])
    content = segment.read_bytes()
    storage = Storage.open(settings(tmp_path), Refusing(), ManualClock())
    assert "not any more" in storage.status()["last_start"]["damage"][0]
    storage.close(10)
    assert (tmp_path / "quarantine" / _NAME).read_bytes() == content


@pytest.mark.parametrize(("max_hot_bytes", "in_memory"), [(200_000, False), (1 << 30, True)])
def test_a_log_is_written_to_files_during_its_replay_where_it_is_too_long_for_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, max_hot_bytes: int, in_memory: bool
) -> None:
    monkeypatch.setattr("storage.flusher._TICK_S", 1e9)  # the flush's thread does nothing
    storage = opened(tmp_path, segment_max_bytes=1000)
    for first in range(0, 3000, 300):
        storage.commit([group(list(range(first, first + 300)), signal="metrics")])
        storage.commit([group(list(range(first, first + 300)))])
    in_log_bytes = storage.status()["wal"]["unflushed_bytes"]
    abandon(storage)
    assert len(list((tmp_path / "wal").iterdir())) > 5

    storage = opened(tmp_path, segment_max_bytes=1000, max_hot_bytes=max_hot_bytes)
    status = storage.status()
    assert status["hot"]["bytes"] <= max_hot_bytes
    assert (status["wal"]["unflushed_bytes"] == in_log_bytes) == in_memory
    assert numbers(storage) == numbers(storage, "metric_points") == Counter(range(3000))
    storage.close(10)
    assert not list((tmp_path / "wal").iterdir())


class FirstIsLast(FakeDecoder):
    """The first group is not decoded before another one is."""

    def __init__(self) -> None:
        super().__init__()
        self._turns = itertools.count()
        self._another_is_done = threading.Event()

    def decode(
        self,
        signal: Signal,
        encoding: Encoding,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        is_first = next(self._turns) == 0
        decoded = super().decode(signal, encoding, bodies, received_time_ns)
        if is_first:
            assert self._another_is_done.wait(30)
        self._another_is_done.set()
        return decoded


def test_rows_stay_in_order_whichever_group_is_decoded_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_in_log(tmp_path, *([number] for number in range(10)))
    monkeypatch.setattr("storage.replay._GROUP_BYTES", 1)
    storage = Storage.open(settings(tmp_path), FirstIsLast(), ManualClock())
    assert column(storage, "spans", NUMBER["spans"]) == list(range(10))
    storage.close(10)


def test_covered_segments_are_not_replayed_but_their_bodies_are_known(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    sent = group([1])
    storage.commit([sent])
    with storage._book.changed:
        storage._wal.seal()  # type: ignore[union-attr]
    storage._flusher.flush_sealed()  # type: ignore[union-attr]
    abandon(storage)
    assert list((tmp_path / "wal").iterdir())
    storage = opened(tmp_path)
    assert numbers(storage) == Counter([1])
    assert storage.replayed("default", "traces", "json", sent.bodies[0])
    storage.close(10)
    assert not list((tmp_path / "wal").iterdir())
