"""Which samples lie before each step: counted, not searched for."""

import numpy as np

from query.promql.frame import Grid
from query.promql.samples import Ints, Ragged

# Arrays of so many floats stay in the processor's cache, and below 128 KiB, from where on each has
# a mapping of its own (goldeneye/allocator.py): those of a million cost twice the time.
_CELLS = 15_000


def ends(samples: Ragged, grid: Grid) -> Ints:
    """For each series and step the index behind the last sample at or before that step.

    Each sample is counted once at the first step that sees it, and the counts run on.
    """
    series, steps = len(samples.offsets) - 1, grid.count
    first = -((grid.start_ms - samples.times) // grid.step_ms)
    np.clip(first, 0, steps, out=first)
    first += samples.rows * (steps + 1)
    counts = np.bincount(first, minlength=series * (steps + 1))
    seen = np.cumsum(counts.reshape(series, steps + 1)[:, :steps], axis=1)
    seen += samples.offsets[:-1, None]
    return seen


def chunks(series: int, steps: int, cells: int = _CELLS) -> list[tuple[int, int]]:
    """Parts of the series of about `cells` series x steps each, to bound what is held."""
    size = max(1, cells // max(1, steps))
    return [(first, min(first + size, series)) for first in range(0, series, size)]
