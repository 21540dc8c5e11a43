"""Several files become one, in bounded memory: rows stay in the order of the inputs, but points."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye.schemas import DERIVED_FROM
from storage import parquet
from storage.compaction import points
from storage.compaction.combine import combined
from storage.compaction.promotion import Promotion
from storage.compaction.room import Room
from storage.file_metadata import FileMetadata
from storage.partitions import Partition, partition_times_ns


def merged(
    paths: Sequence[Path], id_: str, partition: Partition, room: Room
) -> tuple[pa.Buffer, pa.Schema, FileMetadata]:
    """The new file's bytes, its schema, and what it says of itself.

    Columns that an input lacks are NULL in its rows; dense keys become columns, where there is
    room. Raises OSError, or what pyarrow raises.
    """
    read = [(FileMetadata.of(said), schema) for said, schema in map(parquet.read_metadata, paths)]
    if read[0][0].table in DERIVED_FROM:
        return _combined(paths, _metadata([said for said, _ in read], id_, partition, ()))
    promotion = Promotion.of(paths, read, room)
    metadata = _metadata([said for said, _ in read], id_, partition, promotion.strays)
    rows: Iterator[pa.RecordBatch] = map(promotion.conformed, _rows(paths))
    if metadata.table == points.TABLE:
        rows = points.by_series(rows)
    data = parquet.encode_stream(rows, promotion.schema, metadata.as_json())
    return data, promotion.schema, metadata


def _combined(
    paths: Sequence[Path], inputs: FileMetadata
) -> tuple[pa.Buffer, pa.Schema, FileMetadata]:
    """`inputs` is what the new file would say of itself if all rows of the inputs stayed."""
    rows = combined(paths, inputs.table)
    times_ns = partition_times_ns(inputs.table, rows)
    metadata = replace(
        inputs,
        row_count=rows.num_rows,
        min_time_ns=int(times_ns.min()),
        max_time_ns=int(times_ns.max()),
    )
    batches = rows.to_batches(parquet.MERGED_ROW_GROUP_ROWS)
    return parquet.encode_stream(batches, rows.schema, metadata.as_json()), rows.schema, metadata


def _metadata(
    inputs: Sequence[FileMetadata], id_: str, partition: Partition, strays: tuple[str, ...]
) -> FileMetadata:
    """Inputs are of one table, tenant and promotion."""
    return FileMetadata(
        id=id_,
        table=inputs[0].table,
        tenant=inputs[0].tenant,
        day=partition.day,
        hour=partition.hour,
        min_time_ns=min(one.min_time_ns for one in inputs),
        max_time_ns=max(one.max_time_ns for one in inputs),
        max_received_ns=max(one.max_received_ns for one in inputs),
        row_count=sum(one.row_count for one in inputs),
        strays=strays,
        promotion=inputs[0].promotion,
        segments=tuple(sorted({number for one in inputs for number in one.segments})),
        replaces=tuple(sorted({gone for one in inputs for gone in (one.id, *one.replaces)})),
        commit=(id_,),
    )


def _rows(paths: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for path in paths:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield from file.iter_batches(batch_size=parquet.MERGED_ROW_GROUP_ROWS)
