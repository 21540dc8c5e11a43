"""Which series are in the files of metric_series, which never change: remembered, so that questions
about few of them do not begin by reading all."""

from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from query.prometheus.stored.series_ids import COLUMNS, SeriesIds, series_ids, together
from query.prometheus.stored.span import Bounds
from query.worker.sources import TableRows

_DAY_NS: Final = 86_400 * 1_000_000_000
# With the metrics' texts, which are few.
_ROW_BYTES: Final = 12
_FILE_BYTES: Final = 2_000
# Of ranges that are asked for again and again.
_RANGES: Final = 4

Days = tuple[int | None, int | None]
# A file, and the days of its rows that are asked for where it has those of others too.
_Key = tuple[str, Days]


class _Range(NamedTuple):
    files: tuple[_Key, ...]
    ids: SeriesIds


class SeriesFiles:
    """Those asked for last, in so much memory."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._used_bytes = 0
        self._files: OrderedDict[_Key, SeriesIds] = OrderedDict()
        self._ranges: list[_Range] = []

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        return self._used_bytes + sum(_bytes(one.ids) for one in self._ranges)

    def ids(self, rows: TableRows, bounds: Bounds) -> SeriesIds:
        """Of the rows of metric_series of these days.

        Raises OSError, ValueError or ArrowException where a file is not as it should be.
        """
        days = _days(bounds)
        files = tuple(
            (path, _needed(days, times))
            for group in rows.groups
            for path, times in zip(group.paths, group.times, strict=True)
        )
        found = self._of_files(files)
        if rows.hot is None:
            return found
        new = series_ids(_of_days(rows.hot.select(COLUMNS), days)).without(found.ids)
        return together([found, new]) if len(new.ids) else found

    def _of_files(self, files: tuple[_Key, ...]) -> SeriesIds:
        for place, known in enumerate(self._ranges):
            if known.files == files:
                self._ranges.append(self._ranges.pop(place))
                return known.ids
        found = together([self._of_file(key) for key in files])
        self._ranges = [*self._ranges[-_RANGES + 1 :], _Range(files, found)]
        while self.size_bytes > self._most_bytes and self._ranges:
            self._ranges.pop(0)
        return found

    def _of_file(self, key: _Key) -> SeriesIds:
        found = self._files.get(key)
        if found is None:
            path, days = key
            file = pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True)
            with file:
                found = series_ids(_of_days(file.read(COLUMNS, use_threads=False), days))
            self._files[key] = found
            self._used_bytes += _bytes(found)
            while self._used_bytes > self._most_bytes:
                self._used_bytes -= _bytes(self._files.popitem(last=False)[1])
        else:
            self._files.move_to_end(key)
        return found


def _bytes(known: SeriesIds) -> int:
    return _FILE_BYTES + _ROW_BYTES * len(known.ids)


def _days(bounds: Bounds) -> Days:
    """The first and the last day since 1970."""
    start_ns, end_ns = bounds
    first = None if start_ns is None else start_ns // _DAY_NS
    return first, None if end_ns is None else (end_ns - 1) // _DAY_NS


def _needed(days: Days, times: tuple[int, int]) -> Days:
    """None where all rows of a file, of which this are the first and last time, are of the days."""
    (first, last), (own_first, own_last) = days, (time // _DAY_NS for time in times)
    return (
        None if first is None or first <= own_first else first,
        None if last is None or own_last <= last else last,
    )


def _of_days(rows: pa.Table, days: Days) -> pa.Table:
    own: NDArray[np.bool_] = np.ones(rows.num_rows, dtype=np.bool_)
    first, last = days
    if first is None and last is None:
        return rows
    numbers = pc.cast(rows.column("day"), pa.int32()).to_numpy()
    if first is not None:
        own &= numbers >= first
    if last is not None:
        own &= numbers <= last
    return rows.filter(pa.array(own))
