"""Who watches is told of each chunk that becomes visible, while it watches."""

from pathlib import Path

from support.fake_decoder import group
from support.storage_folder import opened

from goldeneye.snapshot import HotChunk


def test_each_chunk_is_told_once_it_can_be_seen(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    told: list[tuple[HotChunk, bool]] = []

    def arrived(chunk: HotChunk) -> None:
        with storage.snapshot("default") as snapshot:
            rows = sum(one.row_count for one in snapshot.hot if one.table == "spans")
        told.append((chunk, rows >= sum(one.row_count for one, _ in told) + chunk.row_count))

    with storage.watch("default", "spans", arrived):
        storage.commit([group([1, 2]), group([3])])
        storage.commit([group([4], signal="metrics")])
        storage.commit([group([5])])
    storage.commit([group([6])])
    assert [(chunk.row_count, seen) for chunk, seen in told] == [(2, True), (1, True), (1, True)]
    storage.close(10)


def test_several_watch_their_own_tables(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    spans: list[HotChunk] = []
    points: list[HotChunk] = []
    others: list[HotChunk] = []
    with (
        storage.watch("default", "spans", spans.append),
        storage.watch("default", "metric_points", points.append),
        storage.watch("somebody", "spans", others.append),
    ):
        with storage.watch("default", "spans", spans.append):
            storage.commit([group([1])])
        storage.commit([group([2])])
        storage.commit([group([3], signal="metrics")])
    assert [len(told) for told in (spans, points, others)] == [3, 1, 0]
    storage.close(10)
