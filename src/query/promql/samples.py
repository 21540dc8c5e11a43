"""Series as they are selected: concatenated arrays, one slice for each series."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from query.promql.labels import Labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

# The one NaN that ends a series instead of being a value.
STALE_BITS = 0x7FF0000000000002
STALE = float(np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0])


def is_stale(values: Floats) -> Bools:
    """Where the values are stale markers (told from other NaN by their bits)."""
    found: Bools = values.view(np.int64) == STALE_BITS
    return found


@dataclass(frozen=True, slots=True)
class Ragged:
    """The samples of n series, one after the other.

    `offsets` has n + 1 entries, series i lies at `offsets[i]:offsets[i + 1]`; `times` are
    milliseconds since 1970, rising strictly inside a series; `values` are float64, or objects
    for native histograms.
    """

    offsets: Ints
    times: Ints
    values: NDArray[Any]

    @property
    def rows(self) -> Ints:
        """The series' number of each sample."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def filtered(self, keep: Bools) -> "Ragged":
        """Only the samples marked in `keep`."""
        if keep.all():
            return self
        kept = np.concatenate(([0], np.cumsum(keep)))
        return Ragged(kept[self.offsets], self.times[keep], self.values[keep])

    def part(self, first: int, last: int) -> "Ragged":
        """The series from `first` up to, not including, `last`."""
        low, high = int(self.offsets[first]), int(self.offsets[last])
        offsets = self.offsets[first : last + 1] - low
        return Ragged(offsets, self.times[low:high], self.values[low:high])

    def picked(self, rows: Ints) -> "Ragged":
        """Only these series, in this order."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Ragged(offsets, self.times[places], self.values[places])


def empty_floats(series: int) -> Ragged:
    """No float sample in any of these series."""
    return Ragged(
        np.zeros(series + 1, dtype=np.int64),
        np.empty(0, dtype=np.int64),
        np.empty(0, dtype=np.float64),
    )


@dataclass(frozen=True, slots=True)
class SeriesSet:
    """Selected series: floats, stale markers among them, beside native histograms.

    A sample is in exactly one of the two; `histograms` is None where no series has any.
    """

    labels: Sequence[Labels]
    floats: Ragged
    histograms: Ragged | None = None

    @property
    def samples(self) -> int:
        """How many samples these are."""
        held = 0 if self.histograms is None else len(self.histograms.times)
        return len(self.floats.times) + held
