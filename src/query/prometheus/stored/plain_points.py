"""Points read without SQL, in the columns that the statements of the same names give."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from query.promql.samples import Ints

_NS_PER_MS: Final = 1_000_000
# Points of each series that are looked at before all of them.
_FIRST: Final = 4


class PlainPoints(NamedTuple):
    """Points as they are stored: whose they are, by the place among the ids that were asked for,
    when they were, and the columns asked for but those without any value."""

    places: NDArray[np.int32]
    times_ms: Ints
    columns: pa.Table


def shaped(statement: str, columns: pa.Table) -> pa.Table | None:
    """The columns, but the keys, of a statement that is in SHAPED; None where it leaves out some
    of the rows."""
    found = _SHAPES[statement](columns)
    return None if found is None else pa.table(found)


def _numbers(columns: pa.Table) -> Mapping[str, pa.ChunkedArray] | None:
    value = _column(columns, "value", pa.float64())
    if "value_int" in columns.column_names:
        value = pc.coalesce(value, columns.column("value_int").cast(pa.float64(), safe=False))
    stale = _stale(columns)
    if stale is None:
        return None if value.null_count else {"value": value}
    if pc.any(pc.and_(value.is_null(), pc.invert(stale))).as_py():
        return None
    return {"value": pc.if_else(stale, pa.scalar(None, pa.float64()), value)}


def _deltas(columns: pa.Table) -> Mapping[str, pa.ChunkedArray] | None:
    found = _numbers(columns)
    return None if found is None else {**found, "start_ms": _starts(columns)}


def _histograms(columns: pa.Table) -> Mapping[str, pa.ChunkedArray]:
    stale = _stale(columns)
    found = {
        "bucket_counts": _column(columns, "bucket_counts", pa.list_(pa.uint64())),
        "explicit_bounds": _column(columns, "explicit_bounds", pa.list_(pa.float64())),
    }
    if stale is None:
        stale = _constant(columns.num_rows, pa.scalar(False))
    elif pc.any(stale).as_py():
        found = {
            name: pc.if_else(stale, pa.scalar(None, own.type), own) for name, own in found.items()
        }
    return {
        "start_ms": _starts(columns),
        "stale": stale,
        "count": _column(columns, "count", pa.int64()).cast(pa.float64(), safe=False),
        "sum": _column(columns, "sum", pa.float64()),
        **found,
    }


_Shape = Callable[[pa.Table], Mapping[str, pa.ChunkedArray] | None]
_SHAPES: Final[Mapping[str, _Shape]] = {
    "numbers": _numbers,
    "delta_numbers": _deltas,
    "histograms": _histograms,
}
SHAPED: Final = _SHAPES.keys()


def _column(columns: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    if name in columns.column_names:
        return columns.column(name)
    return _constant(columns.num_rows, pa.scalar(None, kind))


def _constant(rows: int, value: pa.Scalar) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(value, rows)])


def _stale(columns: pa.Table) -> pa.ChunkedArray | None:
    """Where points say that there is no value; None where none can."""
    if "flags" not in columns.column_names:
        return None
    flags = columns.column("flags").fill_null(0)
    return pc.not_equal(pc.bit_wise_and(flags, pa.scalar(1, flags.type)), 0)


def _starts(columns: pa.Table) -> pa.ChunkedArray:
    """In ms; the first millisecond of 1970 is that of NULL as well."""
    if "start_time" not in columns.column_names:
        return _constant(columns.num_rows, pa.scalar(0, pa.int64()))
    started = columns.column("start_time").cast(pa.int64()).fill_null(0)
    return pa.chunked_array([milliseconds(started.combine_chunks().to_numpy())])


def milliseconds(times_ns: Ints) -> Ints:
    """Since 1970, the whole ones before."""
    found: Ints = times_ns // _NS_PER_MS
    return found


def in_order_of_use(places: NDArray[np.int32], count: int) -> tuple[NDArray[np.int32], Ints]:
    """Numbers in the order in which places are first used, and the place of each number."""
    firsts = np.full(count, len(places), dtype=np.int64)
    # Most are used at the beginning, where each series has its first point.
    for low, high in ((0, _FIRST * count), (_FIRST * count, len(places))):
        own = places[low:high][::-1]
        found = np.full(count, len(places), dtype=np.int64)
        found[own] = np.arange(low + len(own) - 1, low - 1, -1)
        np.minimum(firsts, found, out=firsts)
        if firsts.max(initial=0) < len(places):
            break
    used = np.argsort(firsts, kind="stable")[: np.count_nonzero(firsts < len(places))]
    numbers = np.zeros(count, dtype=np.int32)
    numbers[used] = np.arange(len(used), dtype=np.int32)
    return numbers[places], used


def in_order_of_time(times: pa.ChunkedArray) -> NDArray[np.int32]:
    """The rows by these times, where they are equal as they came."""
    numbers = times.cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False)
    return np.argsort(numbers, kind="stable").astype(np.int32)


def together(parts: Sequence[PlainPoints]) -> PlainPoints:
    """All points; a column that some parts lack has no value there."""
    if len(parts) == 1:
        return parts[0]._replace(columns=_with_rows(parts[0]))
    return PlainPoints(
        np.concatenate([np.empty(0, dtype=np.int32), *(one.places for one in parts)]),
        np.concatenate([np.empty(0, dtype=np.int64), *(one.times_ms for one in parts)]),
        pa.concat_tables([_with_rows(one) for one in parts], promote_options="default"),
    )


def _with_rows(points: PlainPoints) -> pa.Table:
    """A table without columns would have no rows."""
    if points.columns.num_columns:
        return points.columns
    return pa.table({"flags": pa.nulls(len(points.places), pa.int64())})
