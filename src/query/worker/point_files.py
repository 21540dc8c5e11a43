"""Points of some series, read from the row groups that may have them: where nothing is reckoned,
sorted or joined, SQL takes three times as long."""

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from goldeneye import limits
from goldeneye.errors import TooManyRows
from query.prometheus.stored.plain_points import PlainPoints, milliseconds
from query.prometheus.stored.series_ids import Ids
from query.promql.samples import Bools, Ints
from query.worker.direct import Asked
from query.worker.id_lookup import IdLookup
from query.worker.id_places import id_places, many_ids
from query.worker.point_groups import PointGroup, PointGroups, point_group
from query.worker.sources import TableRows

_ID: Final = "series_id"
_TIME: Final = "time"
# Stands for a time that is not known.
_RECEIVED: Final = "received_time"
_UNSIGNED: Final = (1 << 64) - 1
# A footer in memory is larger than it is in the file.
_FOOTER_FACTOR: Final = 4


class _Group(NamedTuple):
    """A row group: its first and last id and time, and the columns that have no value in it, or
    none but 0 where that says the same."""

    number: int
    rows: int
    ids: tuple[int, int]
    times: tuple[int, int] | None
    without: frozenset[str]


class _File(NamedTuple):
    footer: Any
    groups: Sequence[_Group]


class PointFiles:
    """Remembers the footers of files, which never change."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes` are for what is remembered beside footers."""
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._used_bytes = 0
        self._remembered = PointGroups(most_bytes)
        self._hot = PointGroups(most_bytes)

    @property
    def remembered_bytes(self) -> int:
        """About what points of files take between questions."""
        return self._remembered.size_bytes

    def end(self) -> None:
        """Forget the hot rows, which are of one question."""
        self._hot.clear()

    def points(
        self, rows: TableRows, ids: Ids, columns: Sequence[str], asked: Asked
    ) -> Iterator[PlainPoints]:
        """Those of the series, whose ids are sorted, oldest files first and hot ones last.

        Raises TooManyRows, and OSError, ValueError or ArrowException where a file is not as it
        should be.
        """
        count = 0
        for part in self._parts(rows, ids, columns, asked):
            count += len(part.places)
            if count > asked.max_rows:
                raise TooManyRows(f"more than {asked.max_rows} rows")
            yield part

    def most(self, rows: TableRows, ids: Ids, asked: Asked) -> int:
        """More points than these the series do not have at these times, as footers tell. Raises
        as `points` does, but for TooManyRows."""
        paths = [path for group in rows.groups for path in group.paths]
        found = sum(group.rows for path in paths for group in self._groups(path, ids, asked))
        return found + (0 if rows.hot is None else rows.hot.num_rows)

    def _parts(
        self, rows: TableRows, ids: Ids, columns: Sequence[str], asked: Asked
    ) -> Iterator[PlainPoints]:
        files = [
            (times, path, group.columns)
            for group in rows.groups
            for path, times in zip(group.paths, group.times, strict=True)
        ]
        wanted = [
            (path, self._groups(path, ids, asked), [one for one in columns if one in known])
            for _, path, known in sorted(files, key=lambda one: one[:2])
        ]
        groups = [group for _, several, _ in wanted for group in several]
        count = sum(group.rows for group in groups)
        keep = self._remembered.may_keep(count, tuple(columns))
        if not self._remembered.may_keep(count):
            # A large question needs the memory.
            self._remembered.clear()
        for path, several, own in wanted:
            yield from self._of_file(path, several, own, ids, asked, keep)
        if rows.hot is not None:
            own = [one for one in columns if one in rows.hot.column_names]
            yield from self._of_hot(rows.hot, tuple(_with_values(rows.hot, own)), ids, asked)

    def _of_hot(
        self, hot: pa.Table, columns: tuple[str, ...], ids: Ids, asked: Asked
    ) -> Iterator[PlainPoints]:
        keys = hot.select([_ID, _TIME, _RECEIVED])

        def whole() -> PointGroup:
            own = hot.select(columns).combine_chunks()
            return point_group(_whole(keys, _ID), _times_ns(keys), own)

        keep = self._hot.may_keep(hot.num_rows, columns)
        known = self._hot.group(("", 0, columns), whole, columns) if keep else None
        if known is not None:
            found = _of_known(known, None, ids, asked)
        else:
            chosen = _chosen(keys, ids, asked)
            found = None if chosen is None else chosen.points(hot.select(columns))
        if found is not None:
            yield found

    def _groups(self, path: str, ids: Ids, asked: Asked) -> Sequence[_Group]:
        return [one for one in self._known(path).groups if _may_have(one, ids, asked)]

    def _of_file(
        self,
        path: str,
        groups: Sequence[_Group],
        columns: Sequence[str],
        ids: Ids,
        asked: Asked,
        keep: bool,
    ) -> Iterator[PlainPoints]:
        lookup = many_ids(ids)
        with contextlib.ExitStack() as stack:
            opened = cache(lambda: stack.enter_context(self._opened(path)))
            for group in groups:
                wanted = tuple(one for one in columns if one not in group.without)
                reading = _Reading(opened, group, wanted)
                key = path, group.number, wanted
                own = tuple(columns)
                known = self._remembered.group(key, reading.whole, own) if keep else None
                if known is None:
                    found = reading.points(ids, lookup, asked)
                else:
                    found = _of_known(known, group.times, ids, asked)
                if found is not None:
                    yield found

    def _opened(self, path: str) -> Any:
        return pq.ParquetFile(
            path,
            metadata=self._known(path).footer,
            pre_buffer=False,
            page_checksum_verification=True,
        )

    def _known(self, path: str) -> _File:
        file = self._files.get(path)
        if file is None:
            footer = pq.read_metadata(path)
            file = self._files[path] = _File(footer, list(_groups(footer)))
            self._used_bytes += footer.serialized_size * _FOOTER_FACTOR
            while self._used_bytes > limits.MAX_FOOTER_BYTES and len(self._files) > 1:
                _, forgotten = self._files.popitem(last=False)
                self._used_bytes -= forgotten.footer.serialized_size * _FOOTER_FACTOR
        self._files.move_to_end(path)
        return file


class _Reading(NamedTuple):
    """A row group of the file that `opened` gives, and columns of it."""

    opened: Callable[[], Any]
    group: _Group
    columns: Sequence[str]

    def points(self, ids: Ids, lookup: IdLookup | None, asked: Asked) -> PlainPoints | None:
        """Those that are asked for; None where none is. `lookup` is of all of the ids."""
        own = _between(ids, self.group.ids)
        # Of few that are left none is worth a look at all.
        whole = lookup if 2 * len(own) > len(ids) else None
        found = _chosen(self._keys(), own, asked, self.group.times, whole)
        if found is None:
            return None
        first = 0 if whole else int(np.searchsorted(ids, np.uint64(self.group.ids[0])))
        return found.points(self._read(self.columns), first)

    def whole(self) -> PointGroup:
        """All of its points."""
        keys = self._keys()
        return point_group(_whole(keys, _ID), _times_ns(keys), self._read(self.columns))

    def _keys(self) -> pa.Table:
        return self._read([_ID, _TIME] if self.group.times else [_ID, _TIME, _RECEIVED])

    def _read(self, columns: Sequence[str]) -> pa.Table:
        return self.opened().read_row_group(self.group.number, columns, use_threads=False)


def _of_known(
    known: PointGroup, bounds: tuple[int, int] | None, ids: Ids, asked: Asked
) -> PlainPoints | None:
    """As _Reading.points; `bounds` are the first and last time, where these are known."""
    rows, places = known.of_series(ids)
    times = known.times_ns[rows]
    if not _are_within(bounds, asked):
        kept = _within(times, asked)
        rows, places, times = rows[kept], places[kept], times[kept]
    if not len(rows):
        return None
    return _Chosen(places, times, None).points(known.columns.take(pa.array(rows)))


class _Chosen(NamedTuple):
    """Rows of a table that are asked for, by their numbers, None for all of them."""

    places: NDArray[np.int32]
    times: Ints
    rows: Ints | None

    def points(self, columns: pa.Table, first: int = 0) -> PlainPoints:
        """With their columns; places count from there."""
        places, times = self.places + np.int32(first), self.times
        if self.rows is not None:
            columns = columns.take(pa.array(self.rows))
        if _falls(places, times):
            order = slice(None, None, -1)
            backwards = pa.array(np.arange(len(places) - 1, -1, -1, dtype=np.int32))
            return PlainPoints(places[order], milliseconds(times[order]), columns.take(backwards))
        return PlainPoints(places, milliseconds(times), columns)


def _chosen(
    keys: pa.Table,
    ids: Ids,
    asked: Asked,
    times: tuple[int, int] | None = None,
    lookup: IdLookup | None = None,
) -> _Chosen | None:
    """Of which ids and times the rows are; None where none is asked for. `times` are the first
    and last, where these are known."""
    if not len(ids):
        return None
    places, rows = id_places(_whole(keys, _ID).to_numpy(), ids, lookup)
    own_ns = _times_ns(keys)
    own_ns = own_ns if rows is None else own_ns[rows]
    within = None if _are_within(times, asked) else _within(own_ns, asked)
    if within is not None and not within.all():
        places, own_ns = places[within], own_ns[within]
        rows = np.flatnonzero(within) if rows is None else rows[within]
    return _Chosen(places, own_ns, rows) if len(places) else None


def _times_ns(keys: pa.Table) -> Ints:
    own = keys.column(_TIME)
    if own.null_count:
        own = pc.coalesce(own, keys.column(_RECEIVED))
    found: Ints = own.combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    return found


def _whole(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks()


def _falls(places: NDArray[np.int32], times: Ints) -> bool:
    """Whether the points lie by series and newest first, as in merged files."""
    same = places[1:] == places[:-1]
    return bool(same.any()) and bool((times[1:][same] <= times[:-1][same]).all())


def _within(times_ns: Ints, asked: Asked) -> Bools:
    kept: Bools = np.ones(len(times_ns), dtype=np.bool_)
    if asked.start_ns is not None:
        kept &= times_ns >= asked.start_ns
    if asked.end_ns is not None:
        kept &= times_ns < asked.end_ns
    return kept


def _are_within(times: tuple[int, int] | None, asked: Asked) -> bool:
    start_ns, end_ns, _ = asked
    if start_ns is None and end_ns is None:
        return True
    return (
        times is not None
        and (start_ns is None or times[0] >= start_ns)
        and (end_ns is None or times[1] < end_ns)
    )


def _may_have(group: _Group, ids: Ids, asked: Asked) -> bool:
    if not len(_between(ids, group.ids)):
        return False
    if group.times is None:
        return True
    first, last = group.times
    is_early = asked.start_ns is not None and last < asked.start_ns
    return not is_early and (asked.end_ns is None or first < asked.end_ns)


def _between(ids: Ids, bounds: tuple[int, int]) -> Ids:
    first, last = (np.uint64(one) for one in bounds)
    low, high = np.searchsorted(ids, first), np.searchsorted(ids, last, side="right")
    return ids[int(low) : int(high)]


def _groups(footer: Any) -> Iterator[_Group]:
    names = {footer.schema.column(at).path: at for at in range(footer.num_columns)}
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        ids = _bounds(group.column(names[_ID]).statistics)
        times = _bounds(group.column(names[_TIME]).statistics)
        without = frozenset(
            name
            for name, at in names.items()
            if "." not in name and _says_nothing(name, group.column(at).statistics)
        )
        if group.num_rows:
            whole = ids if ids is None else (ids[0] & _UNSIGNED, ids[1] & _UNSIGNED)
            yield _Group(number, group.num_rows, whole or (0, _UNSIGNED), times, without)


def _bounds(statistics: Any) -> tuple[int, int] | None:
    """The first and the last value; None where not all rows have one, or it is not told."""
    if statistics is None or not statistics.has_min_max or not statistics.has_null_count:
        return None
    return None if statistics.null_count else (statistics.min_raw, statistics.max_raw)


def _says_nothing(name: str, statistics: Any) -> bool:
    if statistics is None or not statistics.has_null_count:
        return False
    has_values = statistics.num_values > 0
    if name == "flags" and has_values and statistics.has_min_max:
        return bool(statistics.min_raw == statistics.max_raw == 0)
    return not has_values


def _with_values(rows: pa.Table, columns: Sequence[str]) -> list[str]:
    return [name for name in columns if rows.column(name).null_count < rows.num_rows]
