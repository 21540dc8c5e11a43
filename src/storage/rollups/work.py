"""What the worker does of a rollup: the new file, written part by part."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye.schemas import promotion
from storage import parquet
from storage.file_metadata import FileMetadata
from storage.file_system import FileSystem
from storage.rollups.compute import SCHEMA, Rollups
from storage.rollups.task import Task


def roll_up(said: Mapping[str, Any], fs: FileSystem) -> dict[str, Any]:
    """Write the task's output durably; what the catalog wants to know of it, of no rows nothing."""
    task = Task.of(said)
    output = Path(task.output)
    rollups = Rollups(task, output.parent)
    facts = _Facts(task)
    try:
        batches = facts.observed(rollups.batches())
        first = next(batches, None)
        if first is None:
            return {}
        parts = parquet.encode_in_parts(_chain(first, batches), SCHEMA, facts.as_json)
        size_bytes, crc32 = _write(fs, output, parts)
    finally:
        rollups.close()
    return {
        "metadata": facts.as_json(),
        "columns": parquet.columns(SCHEMA),
        "size_bytes": size_bytes,
        "crc32": crc32,
    }


class _Facts:
    """What is learnt of the rows while they pass."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._row_count = 0
        self._times: list[int] = []
        self._max_received_ns = 0

    def observed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                self._row_count += batch.num_rows
                times = pc.min_max(batch.column("time").cast(pa.int64())).as_py()
                self._times = [
                    min([times["min"], *self._times]),
                    max([times["max"], *self._times]),
                ]
                received = pc.max(batch.column("received_time").cast(pa.int64())).as_py()
                self._max_received_ns = max(self._max_received_ns, received)
                yield batch

    def as_json(self) -> dict[str, Any]:
        task = self._task
        return FileMetadata(
            id=task.id,
            table="metric_rollups",
            tenant=task.tenant,
            day=task.partition.day,
            hour=task.partition.hour,
            min_time_ns=self._times[0],
            max_time_ns=self._times[1],
            max_received_ns=self._max_received_ns,
            row_count=self._row_count,
            strays=(),
            promotion=promotion(()),
            segments=(task.segment,),
            replaces=task.replaces,
            commit=(task.id,),
        ).as_json()


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _write(fs: FileSystem, path: Path, parts: Iterable[bytes]) -> tuple[int, int]:
    """The file's bytes and their CRC-32."""
    size_bytes = crc32 = 0
    fd = fs.create(path)
    try:
        for part in parts:
            fs.write(fd, [part])
            size_bytes += len(part)
            crc32 = zlib.crc32(part, crc32)
        fs.sync_data(fd)
    finally:
        fs.close(fd)
    return size_bytes, crc32
