"""Calls that an edge does not tell apart, as arrays: what edge, which durations, how much each."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from query.summaries.counts import Names

CONNECTION_TYPES: Final = ("", "messaging_system", "database", "virtual_node")
VIRTUAL_SIDES: Final = ("", "server", "client")
MESSAGE: Final = CONNECTION_TYPES.index("messaging_system")
# No name, and no duration.
NOBODY: Final = -1
NO_BUCKET: Final = -2
Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Kinds:
    """One element for each: numbers of names, of CONNECTION_TYPES and of VIRTUAL_SIDES, buckets."""

    client: Numbers
    server: Numbers
    connection_type: Numbers
    virtual_side: Numbers
    client_bucket: Numbers
    server_bucket: Numbers
    failed: Numbers
    weight: Numbers
    by_link: Numbers
    of_one_trace: Numbers

    @classmethod
    def of(cls, table: pa.Table, names: Names) -> Self:
        """From the columns of these names. Raises TooManyNames."""
        return cls(
            client=_numbers(table, "client", names),
            server=_numbers(table, "server", names),
            connection_type=_places(table, "connection_type", CONNECTION_TYPES),
            virtual_side=_places(table, "virtual_side", VIRTUAL_SIDES),
            client_bucket=_buckets(table, "client_bucket"),
            server_bucket=_buckets(table, "server_bucket"),
            failed=_plain(table, "failed", np.bool_),
            weight=_plain(table, "weight", np.float64),
            by_link=_plain(table, "by_link", np.bool_),
            of_one_trace=_plain(table, "of_one_trace", np.bool_),
        )

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """One after the other; there is one at least."""
        return cls(
            *(np.concatenate(columns) for columns in zip(*map(_columns, parts), strict=True))
        )

    def at(self, chosen: Numbers) -> Self:
        return type(self)(*(column[chosen] for column in _columns(self)))

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in _columns(self))


def _columns(kinds: Kinds) -> list[Numbers]:
    return [getattr(kinds, field.name) for field in fields(kinds)]


def _plain(table: pa.Table, name: str, kind: Any) -> Numbers:
    found: Numbers = table.column(name).to_numpy().astype(kind)
    return found


def _buckets(table: pa.Table, name: str) -> Numbers:
    found: Numbers = table.column(name).fill_null(NO_BUCKET).to_numpy().astype(np.int16)
    return found


def _numbers(table: pa.Table, name: str, names: Names) -> Numbers:
    encoded = table.column(name).combine_chunks().dictionary_encode()
    numbers = np.append(names.numbers(encoded.dictionary.to_pylist()), NOBODY)
    indices = encoded.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)
    found: Numbers = numbers[indices].astype(np.int32)
    return found


def _places(table: pa.Table, name: str, closed: Sequence[str]) -> Numbers:
    found: Numbers = pc.index_in(table.column(name), pa.array(closed)).to_numpy().astype(np.int8)
    return found
