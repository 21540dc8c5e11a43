"""What the spans of one source, a file or what is in none, tell of calls by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from query.service_map.kinds import Kinds, Numbers
from query.service_map.layout import Layout
from query.service_map.sample import in_sample
from query.service_map.sides import Sides, lists, rows_of
from query.service_map.tally import Tally
from query.summaries.counts import Names


@dataclass(frozen=True)
class KnownCalls:
    """Of the calls of the first of these steps of the sample. `tallies` have of each step what is
    whole: pairs of which both sides are here, and what needs no other side.

    `sides` have no other one here. `paired` are the keys of pairs, in order;
    `unclear` those of which some are too far apart, or else not to be paired here.
    """

    steps: range
    tallies: Sequence[Tally]
    sides: Sides
    paired: Numbers
    unclear: Numbers

    @staticmethod
    def of(table: pa.Table, names: Names, steps: range) -> "KnownCalls":
        """From the rows of calls_of_files.sql of these steps. Raises TooManyNames."""
        whole = rows_of(table.drop_columns(["keys", "times"]), "pair", "alone")
        return KnownCalls(
            steps,
            [_tally(whole.filter(pc.greater_equal(whole["step"], one)), names) for one in steps],
            Sides.of(table, names),
            _keys(table, "pair"),
            _keys(table, "unclear"),
        )

    def from_step(self, step: int) -> "KnownCalls":
        """What one of its steps has."""
        return KnownCalls(
            self.steps[self.steps.index(step) :],
            self.tallies[self.steps.index(step) :],
            self.sides.of_step(step),
            self.paired[in_sample(self.paired, step)],
            self.unclear[in_sample(self.unclear, step)],
        )

    def odd_with(self, other: "KnownCalls") -> Numbers:
        """Keys of pairs of either of which the other has a side, too; in order."""
        theirs = np.concatenate([other.unpaired, other.paired])
        return np.union1d(common(theirs, self.paired), common(self.unpaired, other.paired))

    @property
    def unpaired(self) -> Numbers:
        """Keys of whatever is no pair."""
        return np.concatenate([self.sides.calls.keys, self.sides.answers.keys, self.unclear])

    @property
    def nbytes(self) -> int:
        keys = self.paired.nbytes + self.unclear.nbytes
        return sum(tally.nbytes for tally in self.tallies) + self.sides.nbytes + keys


def odd_among(files: Sequence[KnownCalls]) -> Numbers:
    """Keys of pairs of which another file has a side, too; in order."""
    if not files:
        return np.zeros(0, np.uint64)
    paired = np.sort(np.concatenate([one.paired for one in files]))
    unpaired = np.concatenate([one.unpaired for one in files])
    return np.union1d(paired[1:][paired[1:] == paired[:-1]], common(unpaired, paired))


def common(keys: Numbers, among: Numbers) -> Numbers:
    """Those of the keys that are `among` others, which are in order."""
    if not len(among):
        return keys[:0]
    places = np.searchsorted(among, keys)
    found: Numbers = keys[among[np.minimum(places, len(among) - 1)] == keys]
    return found


def _tally(whole: pa.Table, names: Names) -> Tally:
    return Layout.of(Kinds.of(whole, names)).tally(whole["span_count"].to_numpy())


def _keys(table: pa.Table, what: str) -> Numbers:
    keys, _ = lists(rows_of(table.select(["what", "keys"]), what), "keys", np.uint64)
    keys = np.sort(keys)
    different = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=different[1:])
    found: Numbers = keys[different]
    return found
