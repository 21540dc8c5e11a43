"""Columns of points as arrays."""

import numpy as np
import pyarrow as pa

from query.promql.samples import STALE_BITS, Bools, Floats, Ints


def whole(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table.column(name).combine_chunks()
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def floats(column: pa.ChunkedArray | pa.Array, stale: bool = False) -> Floats:
    """What is NULL is NaN, or a stale marker. Not to be written into."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    values: Floats = np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.float64)
    if stale and array.null_count:
        missing = array.is_null().to_numpy(zero_copy_only=False)
        values.view(np.int64)[missing] = STALE_BITS
    return values


def ints(column: pa.ChunkedArray) -> Ints:
    """What is NULL is 0."""
    found: Ints = column.fill_null(0).to_numpy().astype(np.int64)
    return found


def starts(table: pa.Table) -> Ints:
    """When the points began, ms since 1970, 0 where that is not known."""
    return ints(table.column("start_ms"))


def stale_points(table: pa.Table) -> Bools:
    """Where a point says that there is no value any more."""
    found: Bools = np.asarray(table.column("stale"), dtype=np.bool_)
    return found
