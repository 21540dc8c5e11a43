"""Points as they are read, cut into series: sorted by counting, sixteen bits at a time."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from query.prometheus.stored.columns import whole
from query.promql.samples import Bools, Ints

_DIGIT_BITS: Final = 16


@dataclass(frozen=True)
class Cut:
    """The rows of a table in the order of their series and times, one of each time.

    `ids` are those of the series, series i lies at `offsets[i]:offsets[i + 1]` of `rows` (the
    numbers of the table's rows) and of `times_ms`.
    """

    ids: NDArray[np.uint64]
    offsets: Ints
    rows: NDArray[np.int32]
    times_ms: Ints
    had_duplicates: bool

    @property
    def numbers(self) -> Ints:
        """The series' number of each row."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.offsets))

    def only(self, series: Ints) -> "Cut":
        """Of these series, whose numbers rise."""
        if len(series) == len(self.ids):
            return self
        lengths = np.diff(self.offsets)[series]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[series] - offsets[:-1], lengths)
        rows, times = self.rows[places], self.times_ms[places]
        return Cut(self.ids[series], offsets, rows, times, self.had_duplicates)


def cut(table: pa.Table) -> Cut:
    """By the columns `series_id` and `time_ms`; of equal times the last row is kept."""
    encoded = whole(table, "series_id").dictionary_encode()
    codes, times = encoded.indices.to_numpy(), table.column("time_ms").to_numpy()
    return cut_up(encoded.dictionary.to_numpy(), codes, times)


def cut_up(ids: NDArray[np.uint64], codes: NDArray[np.int32], times: Ints) -> Cut:
    """Rows of these times, of the series with these numbers; of equal times the last is kept."""
    order = _sorted(codes)
    counts = np.bincount(codes, minlength=len(ids))
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    times = times[order]
    rises = _inside(times[1:] > times[:-1], offsets)
    if rises.all():
        return Cut(ids, offsets, order, times, False)
    _put_right(offsets, order, times, np.flatnonzero(~rises))
    last = np.append(_inside(times[1:] > times[:-1], offsets), True)
    kept = np.concatenate(([0], np.cumsum(last)))[offsets]
    return Cut(ids, kept, order[last], times[last], not last.all())


def _inside(rises: Bools, offsets: Ints) -> Bools:
    """From one series to the next nothing falls."""
    between = offsets[1:-1]
    rises[between[(between > 0) & (between <= len(rises))] - 1] = True
    return rises


def _put_right(offsets: Ints, order: NDArray[np.int32], times: Ints, falls: Ints) -> None:
    """Sort, in place, the series in which time falls."""
    series = np.unique(np.searchsorted(offsets, falls, side="right") - 1)
    lengths = offsets[series + 1] - offsets[series]
    numbers = np.repeat(np.arange(len(series), dtype=np.int32), lengths)
    before = np.cumsum(lengths) - lengths
    places = np.arange(len(numbers)) + (offsets[series] - before)[numbers]
    own = places[in_order(numbers, times[places])]
    order[places], times[places] = order[own], times[own]


def in_order(codes: NDArray[Any], times: Ints) -> NDArray[np.int32]:
    """The rows sorted by code, then by time, then as they came. Codes count from 0."""
    if not len(codes) or _rises(codes, times):
        return np.arange(len(codes), dtype=np.int32)
    by_time = None if (times[1:] >= times[:-1]).all() else _sorted(times - times.min())
    return _sorted(codes, by_time)


def grouped(codes: NDArray[Any], times: Ints) -> NDArray[np.int32]:
    """As `in_order`, where the rows of one code come in order of time for the most part."""
    order = _sorted(codes)
    return order if _rises(codes[order], times[order]) else in_order(codes, times)


def _rises(codes: NDArray[Any], times: Ints) -> bool:
    same = codes[1:] == codes[:-1]
    risen: Bools = (codes[1:] > codes[:-1]) | (same & (times[1:] >= times[:-1]))
    return bool(risen.all())


def _sorted(keys: NDArray[Any], order: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
    """That order (of the rows as they came where None) sorted stably, by keys that are not
    negative."""
    for shift in range(0, int(keys.max(initial=0)).bit_length(), _DIGIT_BITS):
        digits = (keys >> shift if shift else keys).astype(np.uint16)
        if order is not None:
            digits = digits[order]
        if (digits[1:] < digits[:-1]).any():
            found = np.argsort(digits, kind="stable").astype(np.int32)
            order = found if order is None else order[found]
    return np.arange(len(keys), dtype=np.int32) if order is None else order
