"""Answers in columns, for programs: Arrow and Parquet."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from query.worker.answers.plain_types import plain_type
from query.worker.answers.rows import Facts, Rows


def write_arrow(rows: Rows, file: BinaryIO, _: Facts) -> None:
    """An Arrow IPC stream."""
    tables = _plain(rows)
    first = next(tables)
    with pa.ipc.new_stream(file, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def write_parquet(rows: Rows, file: BinaryIO, _: Facts) -> None:
    """One Parquet file, zstd."""
    tables = _plain(rows)
    first = next(tables)
    with pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def _plain(rows: Rows) -> Iterator[pa.Table]:
    """The rows in types that all readers know, and with their own names."""
    casts = {
        number: f"CAST(c{number} AS {plain})"
        for number, kind in enumerate(rows.types)
        if (plain := plain_type(kind)) != str(kind)
    }
    for table in rows.changed(casts):
        yield table.rename_columns(list(rows.names)).replace_schema_metadata()
