"""Rows gathered in Python, turned into one Arrow batch a table."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from goldeneye.schemas import PROMOTED_PREFIXES, PromotedKeys, hot
from otlp_receiver.decoding.canonical_json import encode_attributes
from otlp_receiver.decoding.values import Value

MAX_TIME: Final = (1 << 63) - 1
_PYTHON_TYPES: Final = {"string": str, "int": int, "double": float, "bool": bool}


class Promotion:
    """Parts attributes into those with a column and the JSON of the rest."""

    def __init__(self, prefix: str, keys: Mapping[str, str]) -> None:
        self._columns = {
            key: (f"{prefix}.{key}", _PYTHON_TYPES[kind]) for key, kind in keys.items()
        }

    def part(
        self, attributes: dict[str, Value], strays: set[str]
    ) -> tuple[list[tuple[str, Any]], str | None]:
        """(column, value) of the promoted ones, and the rest as a JSON object."""
        promoted: list[tuple[str, Any]] = []
        rest: dict[str, Value] = {}
        for key, value in attributes.items():
            column = self._columns.get(key)
            if column is None:
                rest[key] = value
            elif type(value) is column[1] and (type(value) is not float or math.isfinite(value)):
                promoted.append((column[0], value))
            else:
                rest[key] = value
                strays.add(column[0])
        return promoted, encode_attributes(rest)


class Rows:
    """The rows of one table: tuples of its `names`, and promoted columns beside them.

    A promoted column is as long as the last row that has it; what it lacks is null.
    """

    def __init__(self, table: str, names: Sequence[str]) -> None:
        self.table = table
        self.names = names
        self.rows: list[tuple[Any, ...]] = []
        self.promoted: defaultdict[str, list[Any]] = defaultdict(list)
        self.strays: set[str] = set()

    def add(self, row: tuple[Any, ...], promoted: Iterable[tuple[str, Any]] = ()) -> None:
        at = len(self.rows)
        self.rows.append(row)
        for column, value in promoted:
            values = self.promoted[column]
            if len(values) < at:
                pad(values, at)
            values.append(value)

    def fill(self, start: int, promoted: Iterable[tuple[str, Any]]) -> None:
        """All rows from `start` have these."""
        count = len(self.rows) - start
        for column, value in promoted:
            self._extend(column, start, [value] * count)

    def extend(self, other: "Rows") -> None:
        offset = len(self.rows)
        self.rows += other.rows
        self.strays |= other.strays
        for column, values in other.promoted.items():
            self._extend(column, offset, values)

    def _extend(self, column: str, start: int, values: list[Any]) -> None:
        if values:
            pad(self.promoted[column], start)
            self.promoted[column] += values

    def batch(self, keys: PromotedKeys) -> pa.RecordBatch:
        """As goldeneye.decoded.Decoded says."""
        columns: dict[str, Sequence[Any]] = dict(
            zip(self.names, zip(*self.rows, strict=True), strict=True)
        )
        count = len(self.rows)
        for name, values in self.promoted.items():
            pad(values, count)
            columns[name] = values
        fields = [
            field
            for field in hot(self.table, keys)
            if field.name in columns or not field.name.startswith(PROMOTED_PREFIXES)
        ]
        arrays = [
            pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in fields
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def pad(values: list[Any], count: int) -> None:
    values += [None] * (count - len(values))


def time_columns(nanoseconds: int) -> tuple[int | None, int | None]:
    """A time for a timestamp column, and the raw number where no timestamp holds it."""
    if nanoseconds == 0:
        return None, None
    return (nanoseconds, None) if nanoseconds <= MAX_TIME else (None, nanoseconds)


def count_of(counter: Counter[str]) -> dict[str, int]:
    """A plain dict, for answers."""
    return {name: count for name, count in sorted(counter.items()) if count}
