"""All attributes of stored rows, joined again from promoted columns and the JSON of the rest.

What query.analysis.json_object does in SQL, for rows that are few: planning that for a hundred
columns takes longer than reading a trace.
"""

import json
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from query.analysis.json_object import Prefix, promoted

# Of fewer rows it takes longer to find those that are not null than to look at all.
_FEW: Final = 200


def objects(rows: pa.Table, prefix: Prefix) -> list[str]:
    """Canonical JSON (docs/decoding.md) of each row's attributes, `{}` where it has none."""
    if rows.num_rows == 0:
        return []
    members: list[list[str]] = [[] for _ in range(rows.num_rows)]
    for key, column in columns(rows, prefix):
        before = json.dumps(key, ensure_ascii=False) + ":"
        for at, value in present(column):
            members[at].append(before + _text(value))
    for at, other in present(others(rows, prefix)):
        if len(other) > 2:
            members[at].append(other[1:-1])
    return ["{" + ",".join(some) + "}" for some in members]


def columns(rows: pa.Table, prefix: Prefix) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """The keys that have a column, and these."""
    stored = dict(zip(rows.column_names, rows.columns, strict=True))
    for column, key in promoted(prefix, dict.fromkeys(stored, "")):
        yield key, stored[column]


def others(rows: pa.Table, prefix: Prefix) -> pa.ChunkedArray:
    """The JSON objects of all other attributes."""
    name = f"{prefix}_other"
    if name in rows.column_names:
        return rows.column(name)
    return pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])


def present(values: pa.ChunkedArray) -> Iterator[tuple[int, Any]]:
    """The values that are not null, with their rows' numbers; most columns have few."""
    if values.null_count == len(values):
        return iter(())
    if len(values) < _FEW:
        return ((at, value) for at, value in enumerate(values.to_pylist()) if value is not None)
    at = pc.indices_nonzero(values.is_valid()).to_pylist()
    return zip(at, values.drop_null().to_pylist(), strict=True)


def _text(value: str | int | float | bool) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)
