"""Several files become one, in bounded memory: rows stay in the order of the inputs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from storage import parquet
from storage.file_metadata import FileMetadata
from storage.partitions import Partition


def merged(
    paths: Sequence[Path], id_: str, partition: Partition
) -> tuple[pa.Buffer, pa.Schema, FileMetadata]:
    """The new file's bytes, its schema, and what it says of itself.

    Columns that an input lacks are NULL in its rows. Raises OSError, or what pyarrow raises.
    """
    read = [parquet.read_metadata(path) for path in paths]
    metadata = _metadata([FileMetadata.of(said) for said, _ in read], id_, partition)
    schema = pa.unify_schemas([schema.remove_metadata() for _, schema in read])
    data = parquet.encode_stream(_rows(paths, schema), schema, metadata.as_json())
    return data, schema, metadata


def _metadata(inputs: Sequence[FileMetadata], id_: str, partition: Partition) -> FileMetadata:
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
        strays=tuple(sorted({column for one in inputs for column in one.strays})),
        promotion=inputs[0].promotion,
        segments=tuple(sorted({number for one in inputs for number in one.segments})),
        replaces=tuple(sorted({gone for one in inputs for gone in (one.id, *one.replaces)})),
        commit=(id_,),
    )


def _rows(paths: Sequence[Path], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for path in paths:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(batch_size=parquet.MERGED_ROW_GROUP_ROWS):
                yield _conformed(batch, schema)


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with all columns of the schema, in its order."""
    given = dict(zip(batch.schema.names, batch.columns, strict=True))
    arrays = [
        given[field.name] if field.name in given else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
