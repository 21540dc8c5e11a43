"""The calls of a file by kind and time, so that any range of them can be counted."""

from dataclasses import dataclass, replace
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
    """Of the calls of the first of these steps of the sample, in the order of time: `blocks`, of
    which each ends before its element of `ends`; `low` are the last bits of times, `kind` places
    of `layout` and `last_step`."""

    steps: range
    blocks: Numbers
    ends: Numbers
    low: Numbers
    kind: Numbers
    last_step: Numbers
    layout: Layout

    @staticmethod
    def of(table: pa.Table, names: Names, steps: range) -> "Moments":
        """Of the rows of calls_of_files.sql of these steps that are whole. Raises TooManyNames."""
        own = rows_of(table.drop_columns(["keys"]), "pair", "alone")
        times_ns, lengths = lists(own, "times", np.int64)
        order = np.argsort(times_ns)
        kind = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[order]
        times_ns = times_ns[order]
        low = times_ns.astype(np.uint32)
        blocks = (times_ns >> _LOW_BITS).astype(np.int32)
        ends = np.flatnonzero(np.diff(blocks, append=blocks[-1:] + 1)) + 1
        last_step = own.column("step").to_numpy().astype(np.int8)
        layout = Layout.of(Kinds.of(own, names))
        return Moments(steps, blocks[ends - 1], ends, low, kind, last_step, layout)

    def from_step(self, step: int) -> "Moments":
        """What one of its steps has."""
        chosen = self.last_step[self.kind] >= step
        upto = np.cumsum(chosen)[self.ends - 1]
        kinds = np.flatnonzero(self.last_step >= step)
        kind = np.searchsorted(kinds, self.kind[chosen]).astype(np.int32)
        return replace(
            self,
            steps=self.steps[self.steps.index(step) :],
            ends=upto,
            low=self.low[chosen],
            kind=kind,
            last_step=self.last_step[kinds],
            layout=self.layout.at(kinds),
        )

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
        arrays = (self.low, self.kind, self.blocks, self.ends, self.last_step)
        return sum(one.nbytes for one in arrays) + self.layout.nbytes
