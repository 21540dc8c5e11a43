"""Statements of our own, over a snapshot at hand, answered by a worker."""

import mmap
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import TooManyRows
from goldeneye.snapshot import Snapshot
from query.failures import failure
from query.job import given
from query.memory_file import memory_file
from query.part_of_snapshot import PiecesOfSnapshot
from query.reads import Found, Reads
from query.settings import QuerySettings

_MAPPED_BYTES: Final = limits.MIB
# Asks a worker: the message, and the descriptors that go with it.
Ask = Callable[[Mapping[str, Any], Sequence[int]], Mapping[str, Any]]


def read_over(snapshot: Snapshot, reads: Reads, settings: QuerySettings, ask: Ask) -> Found:
    """Raises what QueryService.read raises."""
    if reads.pieces is not None:
        snapshot = PiecesOfSnapshot(snapshot, reads.pieces)
    max_rows = settings.max_rows if reads.max_rows is None else reads.max_rows
    fd = memory_file("goldeneye-answer")
    try:
        own = given(snapshot, reads.plan())
        job = {
            "statements": [asdict(statement) for statement in reads.statements],
            "tables": own.tables,
            "start_ns": reads.start_ns,
            "end_ns": reads.end_ns,
            "max_rows": max_rows,
        }
        reply = ask(job, [fd, *own.hot_fds])
        if "error" in reply:
            raise failure(reply, settings)
        if reply["truncated"]:
            raise TooManyRows(
                f"the answer is made of more than {max_rows} rows "
                "(query.max_rows): ask about less time, or about fewer things"
            )
        data = pa.BufferReader(_content(fd))
        tables = [pa.ipc.open_stream(data).read_all() for _ in reads.statements]
        return Found(tables, own.file_count, own.missing_files, own.pieces)
    finally:
        os.close(fd)


def _content(fd: int) -> bytes | mmap.mmap:
    """Large answers stay where they are: a copy would take as much memory again."""
    size_bytes = os.fstat(fd).st_size
    if size_bytes < _MAPPED_BYTES:
        return os.pread(fd, size_bytes, 0)
    return mmap.mmap(fd, size_bytes, access=mmap.ACCESS_READ)
