"""Places of ids among sorted ones. They are hashes, so the first bits nearly tell the place."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from query.prometheus.stored.series_ids import Ids

# Buckets an id, and ids of one bucket that are looked at one after the other.
_BUCKETS: Final = 2
_STEPS: Final = 16


class IdLookup:
    """Of ids that are sorted, each there once."""

    def __init__(self, ids: Ids) -> None:
        bits = max(1, (len(ids) * _BUCKETS).bit_length())
        self._ids = ids
        self._shift = np.uint64(64 - bits)
        buckets = (ids >> self._shift).astype(np.int64)
        counts = np.bincount(buckets, minlength=1 << bits)
        self._firsts = (np.cumsum(counts) - counts).astype(np.int32)

    def places(self, wanted: Ids) -> NDArray[np.int32]:
        """-1 where an id is none of them."""
        if not len(self._ids):
            return np.full(len(wanted), -1, dtype=np.int32)
        last = len(self._ids) - 1
        places: NDArray[np.int32] = np.minimum(self._firsts[wanted >> self._shift], last)
        known = self._ids[places]
        missing = np.flatnonzero(known != wanted)
        behind = missing[known[missing] < wanted[missing]]
        for _ in range(_STEPS):
            if not len(behind):
                break
            following = np.minimum(places[behind] + np.int32(1), last)
            places[behind] = following
            behind = behind[(self._ids[following] < wanted[behind]) & (following < last)]
        if len(behind):
            places[behind] = np.minimum(np.searchsorted(self._ids, wanted[behind]), last)
        places[missing[self._ids[places[missing]] != wanted[missing]]] = -1
        return places
