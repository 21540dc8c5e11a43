"""How far the change over a window is extrapolated."""

import numpy as np

from query.promql.samples import Floats


def stretch(
    sampled: Floats, gaps: Floats, to_start: Floats, to_end: Floats, to_zero: Floats | None
) -> Floats:
    """How much longer the change is taken to last than it was sampled.

    To each edge of the window where that is nearer than 1.1 mean gaps, else half a gap; a
    counter not beyond the point where it was zero (`to_zero`).
    """
    to_start, to_end = reaches(sampled / gaps, to_start, to_end)
    if to_zero is not None:
        to_start = np.where(to_zero < to_start, to_zero, to_start)
    # As in Prometheus the sum runs from left to right.
    reached: Floats = (sampled + to_start + to_end) / sampled
    return reached


def reaches(gap: Floats, to_start: Floats, to_end: Floats) -> tuple[Floats, Floats]:
    """How far the change goes on before the first and after the last sample."""
    starts = np.where(to_start >= gap * 1.1, gap / 2, to_start)
    return starts, np.where(to_end >= gap * 1.1, gap / 2, to_end)


def stretch_one(sampled: float, gaps: int, to_start: float, to_end: float, to_zero: float) -> float:
    """As `stretch`, for a single window."""
    gap = sampled / gaps
    if to_start >= gap * 1.1:
        to_start = gap / 2
    if to_end >= gap * 1.1:
        to_end = gap / 2
    return (sampled + min(to_start, to_zero) + to_end) / sampled
