"""Batches as rows, and whether two hold the same, to the bit: for oracles."""

import math
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def differences(one: pa.RecordBatch, other: pa.RecordBatch) -> list[str]:
    """What differs between two batches, a line each; dictionaries count by what they hold."""
    if one.schema != other.schema:
        return [f"schema: {one.schema} against {other.schema}"]
    if one.num_rows != other.num_rows:
        return [f"{one.num_rows} rows against {other.num_rows}"]
    return [
        f"{field.name}: {one.column(field.name)} against {other.column(field.name)}"
        for field in one.schema
        if not same(one.column(field.name), other.column(field.name))
    ]


def same(one: pa.Array, other: pa.Array) -> bool:
    """Equal where NaN equals NaN and 0.0 does not equal -0.0."""
    return all(a.equals(b) for a, b in zip(_leaves(one), _leaves(other), strict=True))


def _leaves(array: pa.Array) -> Iterator[pa.Array]:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_list(array.type):
        yield pc.list_value_length(array)
        yield from _leaves(array.flatten())
    elif pa.types.is_struct(array.type):
        yield array.is_null()
        for index in range(array.type.num_fields):
            yield from _leaves(array.field(index))
    elif pa.types.is_float64(array.type):
        yield pc.if_else(pc.is_nan(array), pa.scalar(math.nan), array).view(pa.int64())
    else:
        yield array


def rows(table: pa.RecordBatch | pa.Table) -> list[dict[str, Any]]:
    """Each row as a dict; times are nanoseconds, for no Python type holds them."""
    plain = pa.schema([(field.name, _plain(field.type)) for field in table.schema])
    found: list[dict[str, Any]] = table.cast(plain).to_pylist()
    return found


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pa.struct([(field.name, _plain(field.type)) for field in fields])
    return pa.int64() if pa.types.is_timestamp(kind) else kind
