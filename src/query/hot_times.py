"""Hot chunks by their times, as files are chosen by theirs."""

from collections.abc import Sequence

from goldeneye.snapshot import HotChunk, Snapshot


def chunks_within(
    snapshot: Snapshot, table: str, min_ns: int | None, max_ns: int | None
) -> Sequence[HotChunk]:
    """The table's chunks that may have rows of these times, both ends included."""
    return [
        chunk
        for chunk in snapshot.hot
        if chunk.table == table
        and (min_ns is None or chunk.max_time_ns >= min_ns)
        and (max_ns is None or chunk.min_time_ns <= max_ns)
    ]
