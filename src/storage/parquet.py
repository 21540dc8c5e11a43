"""One Parquet file: types that everybody reads, dictionaries where they pay."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye.schemas import PROMOTED_PREFIXES

METADATA_KEY: Final = b"goldeneye"
# Level 3 costs a tenth to a quarter more CPU for files that are larger (docs/benchmarks.md).
_ZSTD_LEVEL: Final = 1
ROW_GROUP_ROWS: Final = 122_880
# Files that last are asked for single traces: docs/decisions/0005-compaction.md.
MERGED_ROW_GROUP_ROWS: Final = 61_440
# Values that hardly ever repeat: a dictionary of them is the column once more.
_PLAIN: Final = frozenset(
    {"trace_id", "span_id", "parent_span_id", "body", "body_text", "attributes_other"}
    | {"start_time", "end_time", "time", "observed_time", "received_time", "duration_ns"}
    | {"duration_sum_ns", "value", "value_int", "sum", "min", "max", "series_id"}
    | {"first", "last", "increase", "first_time", "last_time"}
    | {"root_start_time", "root_span_id"}
)
_DELTA: Final = frozenset(
    {"start_time", "end_time", "time", "observed_time", "received_time", "first_time", "last_time"}
    | {"value_int", "root_start_time"}
    # A scan of durations takes half the CPU, for a third of a byte each: docs/benchmarks.md.
    | {"duration_ns"}
)
# Columns whose row groups are found by value: docs/decisions/0009-trace-filters.md.
_LOOKED_UP: Final = frozenset({"trace_id"})
_FALSE_POSITIVES: Final = 0.01
# Of spans and logs, so that those of one trace are read without the others: the same decision.
_PAGES_OF_TRACES: Final[Mapping[str, Any]] = {
    "max_rows_per_page": 8_192,
    "write_page_index": True,
    # A larger one is of values that hardly repeat: it would be unpacked for a single row.
    "dictionary_pagesize_limit": 256 * 1024,
}
_DUCKDB_TYPES: Final[Mapping[pa.DataType, str]] = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.uint64(): "UBIGINT",
    pa.float64(): "DOUBLE",
    pa.timestamp("ns"): "TIMESTAMP_NS",
    pa.date32(): "DATE",
}


def encode(rows: pa.Table, metadata: Mapping[str, Any]) -> tuple[pa.Buffer, pa.Schema]:
    """A file's bytes, and the schema that readers find."""
    rows = _with_filled_attributes(rows)
    sink = pa.BufferOutputStream()
    with _writer(sink, rows.schema, min(rows.num_rows, ROW_GROUP_ROWS)) as writer:
        writer.write_table(rows, ROW_GROUP_ROWS)
        writer.add_key_value_metadata({METADATA_KEY: json.dumps(metadata)})
    return sink.getvalue(), rows.schema


def encode_stream(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, metadata: Mapping[str, Any]
) -> pa.Buffer:
    """A file's bytes, with no more than a row group of its rows in memory at once."""
    sink = pa.BufferOutputStream()
    with _writer(sink, schema, MERGED_ROW_GROUP_ROWS) as writer:
        for rows in _row_groups(batches):
            writer.write_table(rows, MERGED_ROW_GROUP_ROWS)
        writer.add_key_value_metadata({METADATA_KEY: json.dumps(metadata)})
    return sink.getvalue()


class _Parts(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._size_bytes += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size_bytes

    def take(self) -> bytes:
        whole, self._parts = b"".join(self._parts), []
        return whole


def encode_in_parts(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    metadata: Callable[[], Mapping[str, Any]],
) -> Iterator[bytes]:
    """A file's bytes, a row group at a time; `metadata` is asked when all batches have passed."""
    sink = _Parts()
    with _writer(sink, schema, MERGED_ROW_GROUP_ROWS) as writer:
        for rows in _row_groups(batches):
            writer.write_table(rows, MERGED_ROW_GROUP_ROWS)
            yield sink.take()
        writer.add_key_value_metadata({METADATA_KEY: json.dumps(metadata())})
    yield sink.take()


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """MERGED_ROW_GROUP_ROWS each, and the rest: some more would be a group of their own."""
    waiting: list[pa.RecordBatch] = []
    missing = MERGED_ROW_GROUP_ROWS
    for batch in batches:
        while batch.num_rows >= missing:
            yield pa.Table.from_batches([*waiting, batch.slice(0, missing)])
            batch = batch.slice(missing)
            waiting, missing = [], MERGED_ROW_GROUP_ROWS
        waiting.append(batch)
        missing -= batch.num_rows
    if missing < MERGED_ROW_GROUP_ROWS:
        yield pa.Table.from_batches(waiting)


def _writer(
    sink: pa.BufferOutputStream | io.RawIOBase, schema: pa.Schema, row_group_rows: int
) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        sink,
        schema,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        # Else readers that honour it would see our dictionaries.
        store_schema=False,
        use_dictionary=_dictionary_columns(schema),
        column_encoding={name: "DELTA_BINARY_PACKED" for name in schema.names if name in _DELTA},
        write_page_checksum=True,
        # So many ids need not be distinct: where they are not, the filter is folded to half.
        bloom_filter_options={
            name: {"ndv": max(1, row_group_rows), "fpp": _FALSE_POSITIVES}
            for name in schema.names
            if name in _LOOKED_UP
        },
        **(_PAGES_OF_TRACES if "span_id" in schema.names else {}),
    )


def read_metadata(path: Path) -> tuple[dict[str, Any], pa.Schema]:
    """What `encode` was given, and the file's schema; raises ValueError where it is not ours."""
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"it is no readable Parquet file: {error}") from error
    text = (footer.metadata or {}).get(METADATA_KEY)
    if text is None:
        raise ValueError("it was not written by Goldeneye")
    found: dict[str, Any] = json.loads(text)
    return found, footer.schema.to_arrow_schema()


def columns(schema: pa.Schema) -> tuple[tuple[str, str], ...]:
    """(name, DuckDB type) of each column."""
    return tuple((field.name, duckdb_type(field.type)) for field in schema)


def duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return duckdb_type(kind.value_type)
    if pa.types.is_list(kind):
        return f"{duckdb_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        members = ", ".join(f'"{field.name}" {duckdb_type(field.type)}' for field in kind)
        return f"STRUCT({members})"
    return _DUCKDB_TYPES[kind]


def _with_filled_attributes(rows: pa.Table) -> pa.Table:
    """Promoted columns without a single value are left out: most keys occur nowhere.

    The others come last, in the order of their names, so that files with the same columns have
    the same schema.
    """
    own, promoted = [], []
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        if not name.startswith(PROMOTED_PREFIXES):
            own.append(name)
        elif column.null_count < rows.num_rows:
            promoted.append(name)
    return rows.select(own + sorted(promoted))


def _dictionary_columns(schema: pa.Schema) -> list[str]:
    """Paths of the leaves that get a dictionary."""
    # What is told of a series or of a trace again and again.
    repeats = {"series_id"} if "time" in schema.names else set[str]()
    repeats |= {"trace_id"} if "parent_span_id" in schema.names else set()
    return [
        field.name
        for field in schema
        if field.name not in _PLAIN - repeats and not pa.types.is_nested(field.type)
    ]
