"""The error budget of a period: what is left, what was spent on which day, when it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from alerting.slo.minutes import Minutes, Tally

DIGITS: Final = 12


@dataclass(frozen=True)
class Budget:
    """`share` is the part of all events that may be bad."""

    tally: Tally
    share: float

    @property
    def allowed(self) -> float:
        """How many bad events make the whole budget, for the traffic there was."""
        return self.share * self.tally.total

    @property
    def spent(self) -> float | None:
        """The fraction of the budget that is gone, above 1 when overspent; None without traffic."""
        if self.tally.total <= 0:
            return None
        # A budget that is used up exactly would be left with -2e-16 otherwise, and count as missed.
        return round(self.tally.bad / self.allowed, DIGITS)

    @property
    def remaining(self) -> float | None:
        """The fraction that is left, negative when overspent; None without traffic."""
        return None if self.spent is None else round(1 - self.spent, DIGITS)

    @property
    def kept(self) -> bool | None:
        """Whether the objective is met so far; None without traffic."""
        return None if self.spent is None else self.spent <= 1


@dataclass(frozen=True)
class SpentOnDay:
    """`start` and `end` in minutes since the epoch; `spent` is a part of the period's budget."""

    start: int
    end: int
    tally: Tally
    spent: float


def budget(minutes: Minutes, share: float, start: int, end: int) -> Budget:
    """The budget over the minutes from `start` to before `end`, of rows that a method counted."""
    return Budget(minutes.tally(start, end), share)


def spent_by_day(whole: Budget, minutes: Minutes, edges: Sequence[int]) -> tuple[SpentOnDay, ...]:
    """Each range between two edges, with its part of the whole budget; the parts sum to `spent`."""
    days = []
    for start, end in pairwise(edges):
        tally = minutes.tally(start, end)
        spent = tally.bad / whole.allowed if whole.tally.total > 0 else 0.0
        days.append(SpentOnDay(start, end, tally, spent))
    return tuple(days)


def minutes_to_exhaustion(
    remaining: float | None, burn_rate: float | None, period_minutes: int
) -> float | None:
    """How long the budget lasts if it burns on like this; 0 when it is gone, None for ever.

    A burn rate of 1 empties a whole budget in exactly one period.
    """
    if remaining is None:
        return None
    if remaining <= 0:
        return 0.0
    return remaining * period_minutes / burn_rate if burn_rate else None
