"""Several files become one, in bounded memory: rows stay in the order of the inputs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage import parquet


def merged(paths: Sequence[Path], metadata: dict[str, Any]) -> tuple[pa.Buffer, pa.Schema, int]:
    """The new file's bytes, schema and rows; `metadata` with what the inputs say added to it.

    Columns that an input lacks are NULL in its rows. Raises OSError, or what pyarrow raises.
    """
    said = [parquet.read_metadata(path) for path in paths]
    schema = pa.unify_schemas([schema.remove_metadata() for _, schema in said])
    row_count = sum(int(one["row_count"]) for one, _ in said)
    whole = {
        **metadata,
        "row_count": row_count,
        "segments": sorted({number for one, _ in said for number in one["segments"]}),
        "replaces": sorted({id_ for one, _ in said for id_ in (one["id"], *one["replaces"])}),
    }
    data = parquet.encode_stream(_rows(paths, schema), schema, whole)
    return data, schema, row_count


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
