"""Calls, or answers, one by one: those of which the other side may be elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from query.service_map.kinds import Kinds, Numbers
from query.service_map.sample import in_sample
from query.summaries.counts import Names


@dataclass(frozen=True)
class Side:
    """In the order of `keys`; `kind` is a place in `kinds`. `source` is where each is from, once
    `of_source` has told."""

    keys: Numbers
    times_ns: Numbers
    kind: Numbers
    source: Numbers
    kinds: Kinds

    @staticmethod
    def of(table: pa.Table, what: str, names: Names) -> "Side":
        """Those rows of calls_of_files.sql or sides_of_keys.sql. Raises TooManyNames."""
        own = rows_of(table, what)
        keys, lengths = lists(own, "keys", np.uint64)
        times_ns, _ = lists(own, "times", np.int64)
        kind = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        order = np.argsort(keys)
        kinds = Kinds.of(own, names)
        return Side(keys[order], times_ns[order], kind[order], np.zeros(0, np.int32), kinds)

    @staticmethod
    def together(parts: Sequence["Side"]) -> "Side":
        """There is one at least."""
        firsts = np.cumsum([0, *(len(part.kinds.weight) for part in parts[:-1])])
        keys = np.concatenate([part.keys for part in parts])
        order = np.argsort(keys, kind="stable")
        return Side(
            keys[order],
            np.concatenate([part.times_ns for part in parts])[order],
            np.concatenate([p.kind + first for p, first in zip(parts, firsts, strict=True)])[order],
            np.concatenate([part.source for part in parts])[order],
            Kinds.together([part.kinds for part in parts]),
        )

    def of_source(self, source: int) -> "Side":
        return replace(self, source=np.full(len(self.keys), source, np.int32))

    def within(self, first_ns: int, before_ns: int) -> "Side":
        """Those of these times."""
        chosen = (self.times_ns >= first_ns) & (self.times_ns < before_ns)
        return self if chosen.all() else self.at(chosen)

    def of_step(self, step: int) -> "Side":
        """Those that are looked at, before it is told where they are from."""
        chosen = in_sample(self.keys, step)
        kinds, kind = np.unique(self.kind[chosen], return_inverse=True)
        keys, times_ns = self.keys[chosen], self.times_ns[chosen]
        return Side(keys, times_ns, kind.astype(np.int32), self.source, self.kinds.at(kinds))

    def at(self, chosen: Numbers) -> "Side":
        keys, times_ns, kind = self.keys[chosen], self.times_ns[chosen], self.kind[chosen]
        return Side(keys, times_ns, kind, self.source[chosen], self.kinds)

    @property
    def nbytes(self) -> int:
        return self.keys.nbytes + self.times_ns.nbytes + self.kind.nbytes + self.kinds.nbytes


@dataclass(frozen=True)
class Sides:
    """Of one source."""

    calls: Side
    answers: Side

    @staticmethod
    def of(table: pa.Table, names: Names) -> "Sides":
        """Raises TooManyNames."""
        return Sides(Side.of(table, "call", names), Side.of(table, "answer", names))

    def of_step(self, step: int) -> "Sides":
        return Sides(self.calls.of_step(step), self.answers.of_step(step))

    @property
    def nbytes(self) -> int:
        return self.calls.nbytes + self.answers.nbytes


def rows_of(table: pa.Table, *what: str) -> pa.Table:
    return table.filter(pc.is_in(table.column("what"), pa.array(what)))


def lists(table: pa.Table, name: str, kind: type) -> tuple[Numbers, Numbers]:
    """All values of a column of lists, and how many each of them has."""
    column = table.column(name).combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    values = column.flatten().cast(pa.from_numpy_dtype(kind)).to_numpy(zero_copy_only=False)
    return values, lengths
