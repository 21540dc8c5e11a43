"""Good and total per minute: columns that add up, from which all else is reckoned."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerting.durations import MINUTE_NS

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """Events of a range of time."""

    good: float
    total: float

    @property
    def bad(self) -> float:
        return self.total - self.good

    @property
    def indicator(self) -> float | None:
        """The share of good; None where nothing happened."""
        return self.good / self.total if self.total > 0 else None


@dataclass(frozen=True, eq=False)
class Minutes:
    """One row per minute since the epoch that anything is known of, in order of time."""

    minute: Integers
    good: Floats
    total: Floats

    @classmethod
    def of_deltas(cls, minute: Any, good: Any, total: Any) -> "Minutes":
        """Rows in any order, several a minute: they are summed. What is no number adds nothing."""
        minutes = np.asarray(minute, dtype=np.int64)
        goods = np.asarray(good, dtype=np.float64)
        totals = np.asarray(total, dtype=np.float64)
        known = np.isfinite(goods) & np.isfinite(totals)
        unique, row = np.unique(minutes[known], return_inverse=True)
        return cls(
            unique,
            np.bincount(row, goods[known], len(unique)).astype(np.float64),
            np.bincount(row, totals[known], len(unique)).astype(np.float64),
        )

    @classmethod
    def none(cls) -> "Minutes":
        return cls.of_deltas([], [], [])

    def plus(self, later: "Minutes") -> "Minutes":
        """Both together; the order of such sums does not matter."""
        return Minutes.of_deltas(
            np.concatenate((self.minute, later.minute)),
            np.concatenate((self.good, later.good)),
            np.concatenate((self.total, later.total)),
        )

    def where(self, kept: NDArray[np.bool_]) -> "Minutes":
        return Minutes(self.minute[kept], self.good[kept], self.total[kept])

    def tally(self, start: int, end: int) -> Tally:
        """The sum over the minutes from `start` to before `end`."""
        first, last = np.searchsorted(self.minute, (start, end))
        return Tally(float(self.good[first:last].sum()), float(self.total[first:last].sum()))


def minute_of(time_ns: int) -> int:
    """The minute since the epoch that an instant lies in."""
    return time_ns // MINUTE_NS
