"""Points as they are read, cut into series: sorted by counting, sixteen bits at a time."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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
    rows: Ints
    times_ms: Ints
    had_duplicates: bool

    @property
    def numbers(self) -> Ints:
        """The series' number of each row."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.offsets))


def cut(table: pa.Table) -> Cut:
    """By the columns `series_id` and `time_ms`; of equal times the last row is kept."""
    encoded = table.column("series_id").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    times: Ints = table.column("time_ms").to_numpy()
    order = in_order(codes, times)
    codes, times = codes[order], times[order]
    last = np.ones(len(codes), dtype=np.bool_)
    last[:-1] = (codes[1:] != codes[:-1]) | (times[1:] != times[:-1])
    repeated = not last.all()
    if repeated:
        codes, times, order = codes[last], times[last], order[last]
    ids = np.asarray(encoded.dictionary.to_numpy(zero_copy_only=False))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=len(ids)))))
    return Cut(ids, offsets.astype(np.int64), order, times, repeated)


def in_order(codes: Ints, times: Ints) -> Ints:
    """The rows sorted by code, then by time, then as they came. Codes count from 0."""
    order = np.arange(len(codes), dtype=np.int64)
    if len(codes) and not _rises(codes, times):
        order = _sorted(order, times - times.min())
        order = _sorted(order, codes)
    return order


def _rises(codes: Ints, times: Ints) -> bool:
    same: Bools = codes[1:] == codes[:-1]
    risen = (codes[1:] > codes[:-1]) | (same & (times[1:] >= times[:-1]))
    return bool(risen.all())


def _sorted(order: Ints, keys: Ints) -> Ints:
    """Stable, by keys that are not negative."""
    most = int(keys.max())
    for shift in range(0, most.bit_length(), _DIGIT_BITS):
        digits: NDArray[Any] = (keys >> shift).astype(np.uint16)
        digits = digits[order]
        if (digits[1:] < digits[:-1]).any():
            order = order[np.argsort(digits, kind="stable")]
    return order
