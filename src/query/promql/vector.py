"""The value of an expression at every step: series x steps, with what is absent told apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from query.promql.labels import Labels
from query.promql.samples import Bools, Floats, Ints, Objects


@dataclass(frozen=True, slots=True)
class Vector:
    """An instant vector at each step.

    `present` tells a missing sample from one whose value is NaN. `histograms`, where given,
    holds a native histogram in each cell that is one and None elsewhere; such a cell is
    present and its float is NaN. `drop_name` marks series whose name goes at the very end.
    """

    labels: Sequence[Labels]
    values: Floats
    present: Bools
    drop_name: Bools
    histograms: Objects | None = None

    @property
    def floats_present(self) -> Bools:
        """Where there is a float sample."""
        if self.histograms is None:
            return self.present
        found: Bools = self.present & ~self.histograms_present
        return found

    @property
    def histograms_present(self) -> Bools:
        """Where there is a native histogram."""
        if self.histograms is None:
            return np.zeros(self.present.shape, dtype=np.bool_)
        held: Bools = self.histograms.astype(np.bool_)
        found: Bools = held & self.present
        return found

    def rows(self, index: Ints | Bools) -> "Vector":
        """Some of the series, in this order."""
        picked = np.flatnonzero(index) if index.dtype == np.bool_ else index
        return Vector(
            [self.labels[i] for i in picked.tolist()],
            self.values[picked],
            self.present[picked],
            self.drop_name[picked],
            None if self.histograms is None else self.histograms[picked],
        )

    def where(self, keep: Bools) -> "Vector":
        """The same series with only the samples marked in `keep`."""
        return replace(self, present=self.present & keep)

    def floats_only(self) -> "Vector":
        """The same series without their native histograms."""
        if self.histograms is None:
            return self
        return replace(self, present=self.floats_present, histograms=None)

    def compact(self) -> "Vector":
        """Only the series that have a sample at any step."""
        some: Bools = np.logical_or.reduce(self.present, axis=1)
        return self if some.all() else self.rows(some)

    def mapped(self, values: Floats) -> "Vector":
        """Other floats in the same cells, the names to be dropped."""
        dropped = np.ones(len(self.labels), dtype=np.bool_)
        return Vector(self.labels, values, self.floats_present, dropped)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One float at each step."""

    values: Floats


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


Value = Vector | Scalar | Text


def joined(vectors: Sequence[Vector]) -> Vector:
    """All series of one vector or more, none of which has native histograms."""
    if len(vectors) == 1:
        return vectors[0]
    return Vector(
        [labels for vector in vectors for labels in vector.labels],
        np.concatenate([vector.values for vector in vectors]),
        np.concatenate([vector.present for vector in vectors]),
        np.concatenate([vector.drop_name for vector in vectors]),
    )


def empty(steps: int) -> Vector:
    """No series at all."""
    shape = (0, steps)
    return Vector([], np.empty(shape), np.empty(shape, dtype=np.bool_), np.empty(0, dtype=np.bool_))


def of_floats(labels: Sequence[Labels], values: Floats, present: Bools, drop: bool) -> Vector:
    """A vector of floats whose names all stay or all go."""
    return Vector(labels, values, present, np.full(len(labels), drop, dtype=np.bool_))


def no_histograms(shape: tuple[int, ...]) -> Objects:
    """Cells without any native histogram yet."""
    cells: np.ndarray[Any, np.dtype[np.object_]] = np.empty(shape, dtype=np.object_)
    return cells
