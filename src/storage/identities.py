"""Known series: their ids, and the other halves of their identities' hashes."""

import numpy as np
import xxhash
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]


class Identities:
    """A map from series id to check, in sorted runs.

    Each run is at least twice as long as the next, so that adding costs each id a logarithm of
    moves, and finding looks into few runs: a million series take 16 MB.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[Numbers, Numbers]] = []

    def __len__(self) -> int:
        return sum(len(ids) for ids, _ in self._runs)

    def find(self, ids: Numbers) -> tuple[NDArray[np.bool_], Numbers]:
        """Which of `ids` are known, and the check of each that is (0 for the others)."""
        known = np.zeros(len(ids), np.bool_)
        checks = np.zeros(len(ids), np.uint64)
        for run_ids, run_checks in self._runs:
            at = np.minimum(np.searchsorted(run_ids, ids), len(run_ids) - 1)
            here = run_ids[at] == ids
            known |= here
            checks[here] = run_checks[at[here]]
        return known, checks

    def add(self, ids: Numbers, checks: Numbers) -> None:
        """Add what is not known yet."""
        new_ids, first = np.unique(ids, return_index=True)
        unknown = ~self.find(new_ids)[0]
        if not unknown.any():
            return
        self._runs.append((new_ids[unknown], checks[first[unknown]]))
        while len(self._runs) > 1 and len(self._runs[-2][0]) < 2 * len(self._runs[-1][0]):
            self._runs.append(_merged(self._runs.pop(), self._runs.pop()))


def _merged(
    one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers]
) -> tuple[Numbers, Numbers]:
    ids = np.concatenate([one[0], other[0]])
    order = np.argsort(ids, kind="stable")
    return ids[order], np.concatenate([one[1], other[1]])[order]


def other_id(series_id: int, check: int, attempt: int) -> int:
    """The id of an identity whose own is taken (docs/format.md); `attempt` counts from 1."""
    identity = check.to_bytes(8, "big") + series_id.to_bytes(8, "big")
    return int(xxhash.xxh3_128_intdigest(identity + bytes([attempt]))) & 0xFFFF_FFFF_FFFF_FFFF
