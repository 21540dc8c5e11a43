"""What is to be added to the minutes that are stored, so that they are as the data has them."""

from typing import Final

import numpy as np

from alerting.slo.minutes import Floats, Minutes

# Sums of floats differ by their order.
_NOISE: Final = 1e-9


def deltas(found: Minutes, stored: Minutes, first: int, end: int) -> Minutes:
    """One row for each minute from `first` to before `end` that changes or has none as yet.

    So each minute that was counted has a row, of zeros where nothing happened: what has none is
    still to be counted.
    """
    good = _dense(found, found.good, first, end) - _dense(stored, stored.good, first, end)
    total = _dense(found, found.total, first, end) - _dense(stored, stored.total, first, end)
    changed = _is_change(good, found, first, end) | _is_change(total, found, first, end)
    good, total = np.where(changed, good, 0), np.where(changed, total, 0)
    minute = np.arange(first, end)
    kept = changed | ~np.isin(minute, stored.minute)
    return Minutes(minute[kept], good[kept], total[kept])


def _is_change(delta: Floats, found: Minutes, first: int, end: int) -> np.ndarray:
    return np.abs(delta) > _NOISE * np.maximum(1, _dense(found, found.total, first, end))


def _dense(minutes: Minutes, values: Floats, first: int, end: int) -> Floats:
    inside = (minutes.minute >= first) & (minutes.minute < end)
    at = minutes.minute[inside] - first
    return np.bincount(at, values[inside], end - first).astype(np.float64)
