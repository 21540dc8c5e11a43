"""Stored spans and logs as members of an answer: the table's columns, attributes whole again."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

import orjson
import pyarrow as pa

from goldeneye import schemas
from query.analysis.json_object import PREFIXES, Prefix
from query.asking.plain import plain
from query.traces.attributes import objects

_OTHER: Final[Mapping[str, Prefix]] = {f"{prefix}_other": prefix for prefix in PREFIXES}
_JSON: Final = ("scope_attributes", "resource_entity_refs", "body")


@cache
def own_columns(table: str) -> Sequence[str]:
    """The table's columns without the promoted ones."""
    return tuple(schemas.table(table, schemas.PromotedKeys()).names)


def attributes_of(rows: pa.Table) -> dict[Prefix, list[str]]:
    """The JSON objects of both kinds of attributes."""
    return {prefix: objects(rows, prefix) for prefix in PREFIXES}


def members(
    table: str, rows: pa.Table, attributes: Mapping[Prefix, Sequence[str]]
) -> dict[str, Sequence[Any]]:
    """Each column's values, for orjson; `attributes` stand in the place of `attributes_other`."""
    columns: dict[str, Sequence[Any]] = {}
    stored = dict(zip(rows.column_names, rows.columns, strict=True))
    for name in own_columns(table):
        if name in _OTHER:
            columns[_OTHER[name]] = [orjson.Fragment(text) for text in attributes[_OTHER[name]]]
        elif name not in stored:
            columns[name] = [None] * rows.num_rows
        else:
            columns[name] = _values(name, stored[name])
    return columns


def compact(value: Any) -> orjson.Fragment:
    """The value encoded, in a copy: what orjson answers keeps six times its size of memory."""
    return orjson.Fragment(bytes(memoryview(orjson.dumps(value))))


def _values(name: str, column: pa.ChunkedArray) -> Sequence[Any]:
    if name in _JSON:
        return _fragments(column)
    if pa.types.is_list(column.type):
        return _lists(column)
    return plain(column)


def _fragments(column: pa.ChunkedArray | pa.Array) -> list[orjson.Fragment | None]:
    return [None if text is None else orjson.Fragment(text) for text in column.to_pylist()]


def _lists(column: pa.ChunkedArray) -> list[list[dict[str, Any]]]:
    """Lists of structs: the structs of all rows at once, then parted again."""
    flat = pa.chunked_array([chunk.flatten() for chunk in column.chunks], column.type.value_type)
    if len(flat) == 0:
        return [_NOTHING] * len(column)
    items = iter(_structs(flat))
    lengths = [
        length or 0 for chunk in column.chunks for length in chunk.value_lengths().to_pylist()
    ]
    return [list(islice(items, length)) if length else _NOTHING for length in lengths]


def _structs(flat: pa.ChunkedArray) -> list[dict[str, Any]]:
    array = flat.combine_chunks()
    names = [field.name for field in array.type]
    columns = [
        [text or _EMPTY for text in _fragments(array.field(name))]
        if name == "attributes"
        else plain(array.field(name))
        for name in names
    ]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


_EMPTY: Final = orjson.Fragment("{}")
# One for all, since most spans have no events and no links.
_NOTHING: Final[list[dict[str, Any]]] = []
