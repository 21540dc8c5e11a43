"""What the spans of one source, a file or what is in none, tell of calls by themselves."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from query.service_map.kinds import Kinds, Numbers
from query.service_map.layout import Layout
from query.service_map.sides import Sides, lists, rows_of
from query.service_map.tally import Tally
from query.summaries.counts import Names


@dataclass(frozen=True)
class KnownCalls:
    """`tally` has what is whole: pairs of which both sides are here, and what needs no other side.

    `sides` have no other one here. `paired` are the keys of pairs, in order;
    `unclear` those of which some are too far apart, or else not to be paired here.
    """

    tally: Tally
    sides: Sides
    paired: Numbers
    unclear: Numbers

    @staticmethod
    def of(table: pa.Table, names: Names) -> "KnownCalls":
        """From the rows of calls_of_files.sql. Raises TooManyNames."""
        whole = rows_of(table.drop_columns(["keys", "times"]), "pair", "alone")
        counts = whole.column("span_count").to_numpy()
        return KnownCalls(
            Layout.of(Kinds.of(whole, names)).tally(counts),
            Sides.of(table, names),
            _keys(table, "pair"),
            _keys(table, "unclear"),
        )

    def odd_with(self, other: "KnownCalls") -> Numbers:
        """Keys of pairs of either of which the other has a side, too."""
        theirs = np.concatenate([other.sides.calls.keys, other.sides.answers.keys, other.paired])
        ours = np.concatenate([self.sides.calls.keys, self.sides.answers.keys])
        return np.union1d(common(theirs, self.paired), common(ours, other.paired))

    @property
    def nbytes(self) -> int:
        own = (self.tally, self.sides, self.paired, self.unclear)
        return sum(one.nbytes for one in own)


def common(keys: Numbers, among: Numbers) -> Numbers:
    """Those of the keys that are `among` others, which are in order."""
    if not len(among):
        return keys[:0]
    places = np.searchsorted(among, keys)
    found: Numbers = keys[among[np.minimum(places, len(among) - 1)] == keys]
    return found


def _keys(table: pa.Table, what: str) -> Numbers:
    keys, _ = lists(rows_of(table.select(["what", "keys"]), what), "keys", np.uint64)
    keys = np.sort(keys)
    different = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=different[1:])
    found: Numbers = keys[different]
    return found
