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


def cut(table: pa.Table) -> Cut:
    """By the columns `series_id` and `time_ms`; of equal times the last row is kept."""
    encoded = whole(table, "series_id").dictionary_encode()
    codes, times = encoded.indices.to_numpy(), table.column("time_ms").to_numpy()
    order = in_order(codes, times)
    codes, times = codes[order], times[order]
    last = np.ones(len(codes), dtype=np.bool_)
    last[:-1] = (codes[1:] != codes[:-1]) | (times[1:] != times[:-1])
    repeated = not last.all()
    if repeated:
        codes, times, order = codes[last], times[last], order[last]
    ids = encoded.dictionary.to_numpy()
    offsets = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=len(ids)))))
    return Cut(ids, offsets.astype(np.int64), order, times, repeated)


def in_order(codes: NDArray[Any], times: Ints) -> NDArray[np.int32]:
    """The rows sorted by code, then by time, then as they came. Codes count from 0."""
    order = np.arange(len(codes), dtype=np.int32)
    if len(codes) and not _rises(codes, times):
        if not (times[1:] >= times[:-1]).all():
            order = _sorted(order, times - times.min())
        order = _sorted(order, codes)
    return order


def grouped(codes: NDArray[Any], times: Ints) -> NDArray[np.int32]:
    """As `in_order`, where the rows of one code come in order of time for the most part."""
    order = np.arange(len(codes), dtype=np.int32)
    if len(codes):
        order = _sorted(order, codes)
        if not _rises(codes[order], times[order]):
            return in_order(codes, times)
    return order


def _rises(codes: NDArray[Any], times: Ints) -> bool:
    same = codes[1:] == codes[:-1]
    risen: Bools = (codes[1:] > codes[:-1]) | (same & (times[1:] >= times[:-1]))
    return bool(risen.all())


def _sorted(order: NDArray[np.int32], keys: NDArray[Any]) -> NDArray[np.int32]:
    """Stable, by keys that are not negative."""
    for shift in range(0, int(keys.max()).bit_length(), _DIGIT_BITS):
        digits = (keys >> shift).astype(np.uint16)[order]
        if (digits[1:] < digits[:-1]).any():
            order = order[np.argsort(digits, kind="stable")]
    return order
