"""Rows of the tables that Goldeneye writes itself: made whole, and as bytes of the log."""

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from goldeneye.decoded import BodyResult, Decoded
from goldeneye.schemas import TIME, OwnTable, PromotedKeys, table
from storage.partitions import TIME_COLUMNS

_RECEIVED: Final = "received_time"


def completed(name: OwnTable, rows: pa.RecordBatch, received_ns: int) -> pa.RecordBatch:
    """The rows with all columns of the table, written at `received_ns`.

    Raises ValueError where a column is not the table's, or has another type, and where a row has
    no time by which it could be filed.
    """
    schema = table(name, PromotedKeys())
    for field in rows.schema:
        if field.name not in schema.names or schema.field(field.name).type != field.type:
            raise ValueError(f"{name} has no column {field.name} of type {field.type}")
    time = TIME_COLUMNS[name]
    if time not in rows.schema.names or rows.column(time).null_count:
        raise ValueError(f"a row of {name} has no {time}")
    whole = _conformed(rows, schema)
    received = pa.array([received_ns] * rows.num_rows, TIME)
    return whole.set_column(schema.get_field_index(_RECEIVED), schema.field(_RECEIVED), received)


def encoded(rows: pa.RecordBatch) -> bytes:
    """A stream of Arrow IPC."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_batch(rows)
    return bytes(sink.getvalue())


def decoded(name: OwnTable, bodies: Sequence[bytes]) -> Decoded:
    """The rows of `encoded` bodies, one result a body.

    Columns that a body lacks are NULL, and those that the table has not are left out: another
    version may have written it.
    """
    schema = table(name, PromotedKeys())
    batches: list[pa.RecordBatch] = []
    results = []
    for body in bodies:
        try:
            found = [_conformed(one, schema) for one in pa.ipc.open_stream(body)]
        except (pa.ArrowException, OSError) as error:
            results.append(BodyResult(error=f"no rows of {name}: {error}"))
            continue
        batches += found
        results.append(BodyResult(accepted=sum(one.num_rows for one in found)))
    return Decoded(_together(name, batches), results)


def _together(name: OwnTable, batches: list[pa.RecordBatch]) -> Mapping[str, pa.RecordBatch]:
    return {name: pa.concat_batches(batches)} if batches else {}


def _conformed(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The columns of the schema; those that the rows lack are NULL."""
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.schema.names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
