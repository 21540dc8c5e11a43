"""Row groups of points that are asked for again and again, as rules and dashboards ask for the last
minutes: remembered by series, so that those of a few series are found without looking at all."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from query.prometheus.stored.series_ids import Ids
from query.promql.samples import Ints

# A row's id, its place among the rows by id, its time, and a column or two.
_ROW_BYTES: Final = 32
# One of so many rows are sorted sooner than all are looked at.
_FEW: Final = 16
# Names of row groups that were read once.
_MAX_SEEN: Final = 10_000

Columns = tuple[str, ...]
# A file, the number of its row group, and columns.
Key = tuple[str, int, Columns]


class PointGroup(NamedTuple):
    """Rows in their order; those of `ids[i]` are `rows[ends[i]:ends[i + 1]]`."""

    ids: Ids
    ends: Ints
    rows: NDArray[np.int32]
    times_ns: Ints
    columns: pa.Table

    @property
    def size_bytes(self) -> int:
        own = sum(one.nbytes for one in (self.ids, self.ends, self.rows, self.times_ns))
        return own + int(self.columns.get_total_buffer_size())

    def of_series(self, ids: Ids) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Which rows are of these series, whose ids are sorted, in order; and for each row the
        place of its series among them."""
        if not len(self.ids):
            ids = ids[:0]
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        known = np.flatnonzero(self.ids[places] == ids)
        first, last = self.ends[places[known]], self.ends[places[known] + 1]
        counts = last - first
        starts = np.repeat(first - (np.cumsum(counts) - counts), counts)
        rows = self.rows[starts + np.arange(len(starts))]
        return _in_order(rows, np.repeat(known.astype(np.int32), counts), len(self.rows))


def _in_order(
    rows: NDArray[np.int32], places: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Some of so many rows, and their places, by the rows' numbers."""
    if len(rows) * _FEW < count:
        order = np.argsort(rows)
        return rows[order], places[order]
    of_row = np.full(count, -1, dtype=np.int32)
    of_row[rows] = places
    kept = np.flatnonzero(of_row >= 0)
    return kept.astype(np.int32), of_row[kept]


def point_group(ids: pa.Array, times_ns: Ints, columns: pa.Table) -> PointGroup:
    """Of the rows with these ids."""
    encoded = ids.dictionary_encode()
    known = encoded.dictionary.to_numpy()
    by_id = np.argsort(known)
    ranks = np.empty(len(known), dtype=np.int32)
    ranks[by_id] = np.arange(len(known), dtype=np.int32)
    codes = ranks[encoded.indices.to_numpy()]
    rows = pc.array_sort_indices(pa.array(codes)).to_numpy().astype(np.int32)
    counts = np.bincount(codes, minlength=len(known))
    ends = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return PointGroup(known[by_id], ends, rows, times_ns, columns)


class PointGroups:
    """In so much memory those asked for last, of questions that all of it is enough for."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._groups: OrderedDict[Key, PointGroup] = OrderedDict()
        self._seen: OrderedDict[Key, None] = OrderedDict()
        self._row_bytes: dict[Columns, int] = {}
        self.size_bytes = 0

    def clear(self) -> None:
        """Forget everything."""
        self._groups.clear()
        self._seen.clear()
        self.size_bytes = 0

    def may_keep(self, rows: int, columns: Columns = ()) -> bool:
        """Whether so many rows would not push each other out, as far as these columns were seen."""
        return rows * max(_ROW_BYTES, self._row_bytes.get(columns, 0)) <= self._most_bytes

    def group(
        self, key: Key, read: Callable[[], PointGroup], columns: Columns = ()
    ) -> PointGroup | None:
        """The row group, which is read where it is asked for the second time; None the first.

        `columns` are those of the question, of which the group may have fewer.
        """
        found = self._groups.get(key)
        if found is not None:
            self._groups.move_to_end(key)
            return found
        if key not in self._seen:
            self._see(key)
            return None
        found = self._groups[key] = read()
        row_bytes = found.size_bytes // max(1, len(found.rows))
        self._row_bytes[columns] = max(row_bytes, self._row_bytes.get(columns, 0))
        self.size_bytes += found.size_bytes
        while self.size_bytes > self._most_bytes:
            self.size_bytes -= self._groups.popitem(last=False)[1].size_bytes
        return found

    def _see(self, key: Key) -> None:
        self._seen[key] = None
        if len(self._seen) > _MAX_SEEN:
            self._seen.popitem(last=False)
