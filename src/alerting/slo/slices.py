"""What each budgeting method counts: events, good slices of time, or the ratios of slices."""

import numpy as np

from alerting.slo.minutes import Minutes
from alerting.slo.model import Method, Objective


def counted(minutes: Minutes, method: Method, objective: Objective) -> Minutes:
    """Rows whose good and total are in the method's own units, each at its slice's first minute.

    Slices without traffic are left out. A source that claims more good than there is, or less
    than nothing, is taken at what is possible.
    """
    if method == "Occurrences":
        return _settled(minutes)
    size = objective.slice_minutes
    slices = _settled(Minutes.of_deltas(minutes.minute // size * size, minutes.good, minutes.total))
    ratio = slices.good / slices.total
    if method == "Timeslices":
        assert objective.slice_target is not None, "the loader asks for it"
        ratio = (ratio >= objective.slice_target).astype(np.float64)
    return Minutes(slices.minute, ratio, np.ones(len(ratio)))


def _settled(minutes: Minutes) -> Minutes:
    seen = minutes.where(minutes.total > 0)
    return Minutes(seen.minute, np.clip(seen.good, 0, seen.total), seen.total)
