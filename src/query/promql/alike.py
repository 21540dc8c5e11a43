"""Series whose samples were taken at the same times: what depends on times alone is told once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from query.promql.bounds import chunks, ends
from query.promql.frame import Grid
from query.promql.samples import Bools, Floats, Ints, Ragged

# Fewer are not worth calls of their own.
_FEW: Final = 8


@dataclass(frozen=True, slots=True)
class AlikeWindows:
    """Windows of some series with the same times: `lows[s]:highs[s]` are the samples, in each row
    of `values` (series x samples), of the window that ends at step s of `grid`."""

    values: Floats
    times: Ints
    lows: Ints
    highs: Ints
    grid: Grid
    range_ms: int


class AlikeFunction(NamedTuple):
    """`apply` gives for the series that `fits` marks their values (series x steps), and at which
    steps there are any. They are those that the function of each series for itself gives."""

    fits: Callable[[Floats], Bools]
    apply: Callable[[AlikeWindows], tuple[Floats, Bools]]


def alike(samples: Ragged) -> tuple[list[Ints], Ints]:
    """Rows of series with the same times, by those times; and the rows that are left."""
    lengths = np.diff(samples.offsets)
    keys = _keys(samples, lengths)
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=keys[order[:1]] - 1))
    sizes = np.diff(begins, append=len(order))
    many = (sizes >= _FEW) & (lengths[order[begins]] > 0)
    left = [order[np.repeat(~many, sizes)]]
    groups = []
    for begin, size in zip(begins[many].tolist(), sizes[many].tolist(), strict=True):
        rows = order[begin : begin + size]
        same = _same(samples, rows)
        groups.append(rows[same])
        left.append(rows[~same])
    return groups, np.sort(np.concatenate(left))


def _keys(samples: Ragged, lengths: Ints) -> Ints:
    """Equal for the same times, seldom for others."""
    keys = lengths.astype(np.int64)
    filled = lengths > 0
    firsts, counts = samples.offsets[:-1][filled], lengths[filled]
    for place in (firsts, firsts + counts // 2, firsts + counts - 1):
        # What is too large wraps around.
        keys[filled] = keys[filled] * 1_000_003 + samples.times[place]
    return keys


def _same(samples: Ragged, rows: Ints) -> Bools:
    """Which of the rows have the times of the first, where they may have other lengths."""
    lengths = samples.offsets[rows + 1] - samples.offsets[rows]
    same: Bools = lengths == lengths[0]
    candidates = np.flatnonzero(same)
    times = samples.part(int(rows[0]), int(rows[0]) + 1).times
    for low, high in chunks(len(candidates), len(times)):
        some = candidates[low:high]
        same[some] = (table_of(samples.times, samples.offsets, rows[some]) == times).all(axis=1)
    return same


def table_of(samples: NDArray[Any], offsets: Ints, rows: Ints) -> NDArray[Any]:
    """The samples of series that have as many, a row for each."""
    firsts, length = offsets[rows], int(offsets[rows[0] + 1] - offsets[rows[0]])
    if (np.diff(rows) == 1).all():
        return samples[firsts[0] : firsts[0] + length * len(rows)].reshape(len(rows), length)
    found: NDArray[Any] = samples[firsts[:, None] + np.arange(length)]
    return found


def alike_windows(
    samples: Ragged, rows: Ints, grid: Grid, range_ms: int
) -> Iterator[tuple[Ints, AlikeWindows]]:
    """The windows of these rows, which have the same times, some at a time."""
    first = samples.part(int(rows[0]), int(rows[0]) + 1)
    lows, highs = ends(first, grid.moved(range_ms))[0], ends(first, grid)[0]
    for low, high in chunks(len(rows), grid.count):
        some = rows[low:high]
        values = table_of(samples.values, samples.offsets, some)
        yield some, AlikeWindows(values, first.times, lows, highs, grid, range_ms)
