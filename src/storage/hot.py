"""Rows that are durable in the log and not yet in files: immutable chunks, merged as they grow."""

import itertools
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

import pyarrow as pa

from goldeneye.limits import HOT_BYTES_PER_WAL_BYTE, HOT_MERGE_BATCHES, HOT_MERGE_ROWS
from goldeneye.schemas import SERIES_CHECK
from storage.partitions import partition_times_ns

_IDS: Final = itertools.count(1)
_WRITING: Final = threading.Lock()


class Chunk:
    """Rows of one table and tenant, immutable (goldeneye.snapshot.HotChunk).

    `rows` has columns as in goldeneye.decoded.Decoded; `level` says how often its rows were merged.
    """

    def __init__(
        self,
        table: str,
        tenant: str,
        rows: pa.Table,
        strays: frozenset[str] = frozenset(),
        level: int = 0,
    ) -> None:
        self.id = next(_IDS)
        self.table = table
        self.tenant = tenant
        self.rows = rows
        self.strays = strays
        self.level = level
        self.row_count = int(rows.num_rows)
        self.memory_bytes = int(rows.get_total_buffer_size())
        self._fd: int | None = None

    @cached_property
    def _times_ns(self) -> tuple[int, int]:
        """Only questions ask for them, and of most chunks none does before they are merged."""
        times_ns = partition_times_ns(self.table, self.rows)
        return int(times_ns.min()), int(times_ns.max())

    @property
    def min_time_ns(self) -> int:
        return self._times_ns[0]

    @property
    def max_time_ns(self) -> int:
        return self._times_ns[1]

    def fd(self) -> int:
        """A memfd with the rows as an Arrow IPC stream; it is closed when the chunk is gone."""
        with _WRITING:
            if self._fd is None:
                self._fd = _memfd(self.rows)
                weakref.finalize(self, os.close, self._fd)
            return self._fd


# Chunks of one table and tenant, in order of arrival.
Chunks = tuple[Chunk, ...]


@dataclass(frozen=True)
class Generation:
    """What one segment of the log became: its chunks by tenant and table."""

    number: int
    wal_bytes: int = 0
    chunks: Mapping[tuple[str, str], Chunks] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        return sum(chunk.row_count for chunks in self.chunks.values() for chunk in chunks)

    @property
    def size_bytes(self) -> int:
        """Its bytes in the log; more where its rows take unusually much memory."""
        return max(self.wal_bytes, self.memory_bytes // HOT_BYTES_PER_WAL_BYTE)

    @cached_property
    def memory_bytes(self) -> int:
        return sum(chunk.memory_bytes for run in self.chunks.values() for chunk in run)

    def with_chunk(self, chunk: Chunk) -> "Generation":
        key = (chunk.tenant, chunk.table)
        grown = _grown(self.chunks.get(key, ()), chunk)
        return Generation(self.number, self.wal_bytes, {**self.chunks, key: grown})

    def with_wal_bytes(self, size_bytes: int) -> "Generation":
        return Generation(self.number, self.wal_bytes + size_bytes, self.chunks)


def _grown(chunks: Chunks, chunk: Chunk) -> Chunks:
    """The chunks with one more, small neighbours of one level merged.

    Each row is merged once a level, so that ten thousand tiny requests cost each row a few copies
    and a query meets few chunks.
    """
    chunks = (*chunks, chunk)
    while True:
        run = _run(chunks)
        rows = sum(item.row_count for item in run)
        if len(run) < 2 or (len(run) < HOT_MERGE_BATCHES and rows < HOT_MERGE_ROWS):
            return chunks
        chunks = (*chunks[: -len(run)], _merged(run))


def _run(chunks: Chunks) -> Chunks:
    """The small chunks of equal level at the end."""
    level = chunks[-1].level
    start = len(chunks)
    while (
        start and chunks[start - 1].level == level and chunks[start - 1].row_count < HOT_MERGE_ROWS
    ):
        start -= 1
    return chunks[start:]


def _merged(run: Chunks) -> Chunk:
    strays = frozenset[str]().union(*(item.strays for item in run))
    rows = merged_rows([item.rows for item in run])
    return Chunk(run[0].table, run[0].tenant, rows, strays, run[0].level + 1)


def merged_rows(tables: list[pa.Table]) -> pa.Table:
    """One table of one chunk a column, its dictionaries united."""
    return _united(tables, pa.Table.combine_chunks)


def united_rows(tables: list[pa.Table]) -> pa.Table:
    """The tables behind one another with their dictionaries united, and nothing else copied."""
    return _united(tables, lambda rows: rows)


def _united(tables: list[pa.Table], finish: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """Most promoted columns have no value at all: these share one array of nulls, which makes
    merging several times cheaper than copying them.
    """
    rows = pa.concat_tables(tables, promote_options="default")
    count = rows.num_rows
    filled = [n for n, column in enumerate(rows.columns) if column.null_count < count]
    united = finish(rows.select(filled).unify_dictionaries())
    columns = [_nulls(kind, count.bit_length()).slice(0, count) for kind in rows.schema.types]
    for at, column in zip(filled, united.columns, strict=True):
        columns[at] = column
    return pa.Table.from_arrays(columns, schema=rows.schema)


@lru_cache(maxsize=512)
def _nulls(kind: pa.DataType, bits: int) -> pa.Array:
    return pa.nulls(1 << bits, kind)


def _memfd(rows: pa.Table) -> int:
    if SERIES_CHECK in rows.column_names:
        rows = rows.drop_columns([SERIES_CHECK])
    fd = os.memfd_create("goldeneye-hot", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(fd), "wb") as file, pa.ipc.new_stream(file, rows.schema) as stream:
        stream.write_table(rows)
    return fd
