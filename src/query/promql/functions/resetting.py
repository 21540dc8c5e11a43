"""What counters lost to resets."""

import numpy as np

from query.promql.samples import Floats, Ints


def lost_to_resets(values: Floats, lows: Ints, lasts: Ints) -> Floats:
    """What a counter had reached before each reset inside a window, summed."""
    lost = np.zeros(len(lows))
    fallen = np.zeros(len(values), dtype=np.bool_)
    fallen[1:] = values[1:] < values[:-1]
    if not fallen.any():
        return lost
    before = np.zeros(len(values) + 1)
    before[1:-1][fallen[1:]] = values[:-1][fallen[1:]]
    resets = np.cumsum(fallen)
    some = np.flatnonzero(resets[lasts] > resets[lows])
    pairs = np.stack((lows[some] + 1, lasts[some] + 1), axis=1).ravel()
    if len(some):
        lost[some] = np.add.reduceat(before, pairs)[::2]
    return lost
