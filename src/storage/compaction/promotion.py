"""Keys that are dense in a merged file leave its JSON for columns of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from goldeneye.schemas import ATTRIBUTE_TYPES, PROMOTED_PREFIXES
from storage import parquet
from storage.compaction.dense_keys import Rows, dense_columns
from storage.compaction.room import Room
from storage.file_metadata import FileMetadata

try:
    from goldeneye_native import KeyCounts, split
except ImportError:
    IS_POSSIBLE = False
else:
    IS_POSSIBLE = True

# DuckDB's name of a type -> its name in `attribute_keys.yaml`.
_NAMES: Final = {parquet.duckdb_type(kind): name for name, kind in ATTRIBUTE_TYPES.items()}


@dataclass(frozen=True)
class Promotion:
    """The merged file's schema and strays, and what leaves the JSON of its rows.

    `keys` are (key, type name) by the prefix of their columns.
    """

    schema: pa.Schema
    strays: tuple[str, ...]
    keys: Mapping[str, Sequence[tuple[str, str]]]

    @classmethod
    def of(
        cls,
        paths: Sequence[Path],
        read: Sequence[tuple[FileMetadata, pa.Schema]],
        room: Room,
    ) -> Self:
        """`read` is what the files at `paths` say of themselves. Without the native core nothing
        is promoted."""
        schema = pa.unify_schemas([schema.remove_metadata() for _, schema in read])
        strays = {column for said, _ in read for column in said.strays}
        if not IS_POSSIBLE:
            return cls(_ordered(schema), tuple(sorted(strays | _hidden(read, room))), {})
        columns = {
            name: kind
            for name, kind in parquet.columns(schema)
            if name.startswith(PROMOTED_PREFIXES)
        }
        counts = _counts(paths, schema, {*columns, *strays})
        row_count = sum(said.row_count for said, _ in read)
        columns |= dense_columns(counts, row_count, columns, room)
        for name, kind in columns.items():
            if name not in schema.names:
                schema = schema.append(pa.field(name, ATTRIBUTE_TYPES[_NAMES[kind]]))
        strays = {name for name in (*columns, *strays) if _is_stray(counts, name, columns)}
        return cls(_ordered(schema), tuple(sorted(strays)), _keys(columns, counts))

    def conformed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with all columns of the schema, in its order; NULL where it has no value."""
        given = dict(zip(batch.schema.names, batch.columns, strict=True))
        for prefix, keys in self.keys.items():
            other = _other(prefix)
            given[other], found = split(given[other], keys)
            for (key, _), values in zip(keys, found, strict=True):
                before = given.get(prefix + key)
                given[prefix + key] = values if before is None else pc.coalesce(before, values)
        arrays = [
            given[field.name] if field.name in given else pa.nulls(batch.num_rows, field.type)
            for field in self.schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def _counts(paths: Sequence[Path], schema: pa.Schema, certain: Collection[str]) -> dict[str, Rows]:
    """In how many rows each key occurs, by the name of the column that it has or would have."""
    counters = {
        prefix: KeyCounts([key for name in certain if (key := _key(prefix, name)) is not None])
        for prefix in PROMOTED_PREFIXES
        if _other(prefix) in schema.names
    }
    for path in paths if counters else ():
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            others = [_other(prefix) for prefix in counters]
            for batch in file.iter_batches(parquet.MERGED_ROW_GROUP_ROWS, columns=others):
                for prefix, counter in counters.items():
                    counter.add(batch.column(_other(prefix)))
    return {
        prefix + key: Rows.of(rows)
        for prefix, counter in counters.items()
        for key, rows in counter.counts()
        if sum(rows)
    }


def _is_stray(counts: Mapping[str, Rows], name: str, columns: Mapping[str, str]) -> bool:
    """Whether the JSON keeps the key in some row."""
    if name not in counts:
        return False
    return bool(counts[name].strays(columns[name]) if name in columns else counts[name].total)


def _keys(
    columns: Mapping[str, str], counts: Mapping[str, Rows]
) -> dict[str, list[tuple[str, str]]]:
    """What leaves the JSON: the values that have their column's type."""
    leaving = {
        prefix: [
            (key, _NAMES[kind])
            for name, kind in columns.items()
            if (key := _key(prefix, name)) is not None
            and name in counts
            and counts[name].by_type[kind]
        ]
        for prefix in PROMOTED_PREFIXES
    }
    return {prefix: keys for prefix, keys in leaving.items() if keys}


def _hidden(read: Sequence[tuple[FileMetadata, pa.Schema]], room: Room) -> set[str]:
    """Columns whose key may be in the JSON of the inputs that lack them."""
    names = [set(schema.names) for _, schema in read]
    lacking = set[str]().union(*names) - set[str].intersection(*names) - room.configured
    return {name for name in lacking if name.startswith(PROMOTED_PREFIXES)}


def _ordered(schema: pa.Schema) -> pa.Schema:
    """Promoted columns by name after the table's own: files of the same ones are read together."""
    own = [field for field in schema if not field.name.startswith(PROMOTED_PREFIXES)]
    promoted = [field for field in schema if field.name.startswith(PROMOTED_PREFIXES)]
    return pa.schema([*own, *sorted(promoted, key=lambda field: field.name)])


def _other(prefix: str) -> str:
    """The column of the JSON that holds the prefix's other keys."""
    return f"{prefix[:-1]}_other"


def _key(prefix: str, name: str) -> str | None:
    return name[len(prefix) :] if name.startswith(prefix) else None
