"""Series from several places put together: those with equal labels become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from query.promql.labels import Labels
from query.promql.samples import Ints, Ragged, SeriesSet, empty_floats


@dataclass(frozen=True)
class Block:
    """Series with their samples: floats, or native histograms, which are objects."""

    labels: Sequence[Labels]
    samples: Ragged

    @property
    def is_floats(self) -> bool:
        return self.samples.values.dtype != np.object_


def assembled(blocks: Sequence[Block], start_ms: int, end_ms: int) -> SeriesSet:
    """All series with a sample after `start_ms` up to `end_ms`, each label set once.

    Of equal labels and times the sample of the later block counts.
    """
    numbers: dict[Labels, int] = {}
    for block in blocks:
        for labels in block.labels:
            numbers.setdefault(labels, len(numbers))
    floats = _joined([one for one in blocks if one.is_floats], numbers, start_ms, end_ms)
    held = _joined([one for one in blocks if not one.is_floats], numbers, start_ms, end_ms)
    used = np.zeros(len(numbers), dtype=np.bool_)
    for ragged in (floats, held):
        if ragged is not None:
            used |= np.diff(ragged.offsets) > 0
    kept = [one for one, is_used in zip(numbers, used.tolist(), strict=True) if is_used]
    return SeriesSet(
        kept,
        empty_floats(len(kept)) if floats is None else _only(floats, used),
        None if held is None else _only(held, used),
    )


def _only(samples: Ragged, used: NDArray[np.bool_]) -> Ragged:
    """Without the series that are not used, which have no samples."""
    offsets = np.concatenate((samples.offsets[:-1][used], samples.offsets[-1:]))
    return Ragged(offsets, samples.times, samples.values)


def _joined(
    blocks: Sequence[Block], numbers: dict[Labels, int], start_ms: int, end_ms: int
) -> Ragged | None:
    if not blocks:
        return None
    if len(blocks) == 1 and list(numbers) == list(blocks[0].labels):
        samples = blocks[0].samples
        return samples.filtered(_inside(samples.times, start_ms, end_ms))
    owners = [np.array([numbers[one] for one in b.labels], dtype=np.int64) for b in blocks]
    rows = np.concatenate([own[b.samples.rows] for own, b in zip(owners, blocks, strict=True)])
    times = np.concatenate([block.samples.times for block in blocks])
    values = np.concatenate([block.samples.values for block in blocks])
    inside = _inside(times, start_ms, end_ms)
    return _ragged(rows[inside], times[inside], values[inside], len(numbers))


def _inside(times: Ints, start_ms: int, end_ms: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (times > start_ms) & (times <= end_ms)
    return found


def _ragged(rows: Ints, times: Ints, values: NDArray[Any], series: int) -> Ragged:
    same = rows[1:] == rows[:-1]
    rises = (rows[1:] > rows[:-1]) | (same & (times[1:] > times[:-1]))
    if not rises.all():
        order = np.lexsort((times, rows))
        rows, times, values = rows[order], times[order], values[order]
        last = np.ones(len(rows), dtype=np.bool_)
        last[:-1] = (rows[1:] != rows[:-1]) | (times[1:] != times[:-1])
        rows, times, values = rows[last], times[last], values[last]
    offsets = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=series))))
    return Ragged(offsets.astype(np.int64), times, values)
