"""The calls of a file by kind and time, so that any range of them can be counted."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from query.service_map.kinds import Kinds, Numbers
from query.service_map.layout import Layout
from query.service_map.sides import lists, rows_of
from query.service_map.tally import Tally
from query.summaries.counts import Names

# Times are kept as their last 32 bits, within blocks of equal first ones.
_LOW_BITS: Final = 32


@dataclass(frozen=True)
class Moments:
    """In the order of time: `blocks`, of which each ends before its element of `ends`; `low` are
    the last bits of times, `kind` places of `layout`."""

    blocks: Numbers
    ends: Numbers
    low: Numbers
    kind: Numbers
    layout: Layout

    @staticmethod
    def of(table: pa.Table, names: Names) -> "Moments":
        """Of the rows of calls_of_files.sql that are whole. Raises TooManyNames."""
        own = rows_of(table.drop_columns(["keys"]), "pair", "alone")
        times_ns, lengths = lists(own, "times", np.int64)
        order = np.argsort(times_ns)
        kind = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[order]
        times_ns = times_ns[order]
        low = times_ns.astype(np.uint32)
        blocks = (times_ns >> _LOW_BITS).astype(np.int32)
        ends = np.flatnonzero(np.diff(blocks, append=blocks[-1:] + 1)) + 1
        return Moments(blocks[ends - 1], ends, low, kind, Layout.of(Kinds.of(own, names)))

    def between(self, first_ns: int, before_ns: int) -> Tally:
        chosen = self.kind[self._place(first_ns) : self._place(before_ns)]
        return self.layout.tally(np.bincount(chosen, minlength=len(self.layout.weight)))

    def _place(self, time_ns: int) -> int:
        """Where the first is that is not before the time."""
        high, low = time_ns >> _LOW_BITS, time_ns & ((1 << _LOW_BITS) - 1)
        block = int(np.searchsorted(self.blocks, high))
        start = int(self.ends[block - 1]) if block else 0
        if block == len(self.blocks) or self.blocks[block] != high:
            return start
        own = self.low[start : int(self.ends[block])]
        return start + int(np.searchsorted(own, np.uint32(low)))

    @property
    def nbytes(self) -> int:
        return self.low.nbytes + self.kind.nbytes + self.blocks.nbytes * 2 + self.layout.nbytes
