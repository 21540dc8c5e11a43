"""How much values that only grow have grown in each minute; one that fell began anew."""

from typing import Final

import numpy as np

from alerting.slo.minutes import Floats, Integers

# A series may be silent for so long without its next value being taken for its first.
BASE_MINUTES: Final = 10


def increases(minute: Integers, value: Floats, first: int) -> tuple[Integers, Floats]:
    """Of one series, in order of time: the minutes from `first`, and what each one added.

    The values before `first` are what the increase starts from; a value without one in the
    `BASE_MINUTES` before it adds nothing, for nobody knows since when it grew. So each minute's
    increase is the same, whichever minutes are asked for with it.
    """
    known = np.isfinite(value)
    minutes, values = minute[known], value[known]
    before, after = values[:-1], values[1:]
    grown = np.where(after >= before, after - before, after)
    counts = (np.diff(minutes) <= BASE_MINUTES) & (minutes[1:] >= first)
    return minutes[1:][counts], grown[counts]
