"""Columns of lists as arrays."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from query.prometheus.stored.columns import whole
from query.promql.samples import Ints


@dataclass(frozen=True)
class Lists:
    """The lists one after the other: list i lies at `starts[i]:starts[i] + lengths[i]`."""

    lengths: Ints
    values: NDArray[Any]

    @cached_property
    def starts(self) -> Ints:
        found: Ints = np.cumsum(self.lengths) - self.lengths
        return found


def lists(table: pa.Table, name: str, rows: NDArray[np.int32]) -> Lists:
    """A column's lists in the order of these rows; NULL is an empty list."""
    return _lists(whole(table, name).take(pa.array(rows)))


def lists_of(table: pa.Table, name: str) -> Lists:
    """A column's lists; NULL is an empty list."""
    return _lists(whole(table, name))


def _lists(column: pa.Array) -> Lists:
    lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    values = column.flatten().to_numpy(zero_copy_only=False)
    return Lists(lengths.astype(np.int64), values)


def places(counts: Ints) -> tuple[Ints, Ints]:
    """For so many entries of each row: the row of each entry, and its number there."""
    rows = np.repeat(np.arange(len(counts)), counts)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
