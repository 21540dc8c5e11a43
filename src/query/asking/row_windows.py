"""Ranges of time to search one after the other, so that what is near is found without the rest."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from query.asking.window import OpenWindow
from query.file_times import RowsOfTime

# What a search of the first, and of the second range reads at most; the third is all the rest.
_ROWS: Final = (250_000, 2_000_000)


def windows(
    files: Sequence[RowsOfTime], within: OpenWindow, newest_first: bool
) -> list[OpenWindow]:
    """Ranges that join each other, together `within`, the nearest first.

    `files` say where rows are, which are taken for evenly spread within each.
    """
    bounds = [_bound(files, rows, newest_first) for rows in _ROWS if _rows(files) > 2 * rows]
    inner = [bound for bound in dict.fromkeys(bounds) if _is_inside(bound, within)]
    if newest_first:
        edges = [within.end_ns, *inner, within.start_ns]
        return [OpenWindow(low, high) for high, low in pairwise(edges)]
    edges = [within.start_ns, *inner, within.end_ns]
    return [OpenWindow(low, high) for low, high in pairwise(edges)]


def rows_between(files: Sequence[RowsOfTime], start_ns: int, end_ns: int) -> float:
    """About how many rows of the files are of these times."""
    rows = 0.0
    for file in files:
        common_ns = min(end_ns, file.max_ns + 1) - max(start_ns, file.min_ns)
        rows += file.row_count * max(0, common_ns) / (file.max_ns + 1 - file.min_ns)
    return rows


def _rows(files: Sequence[RowsOfTime]) -> int:
    return sum(file.row_count for file in files)


def _bound(files: Sequence[RowsOfTime], rows: int, newest_first: bool) -> int:
    """The instant from which on (or before which) so many rows are."""
    low = np.array([file.min_ns for file in files], np.float64)
    span = np.maximum(np.array([file.max_ns for file in files]) - low, 1.0)
    counts = np.array([file.row_count for file in files], np.float64)
    wanted = counts.sum() - rows if newest_first else rows
    first, last = int(low.min()), int((low + span).max())
    while last - first > _PRECISION_NS:
        middle = (first + last) // 2
        before = float((np.clip((middle - low) / span, 0, 1) * counts).sum())
        first, last = (middle, last) if before < wanted else (first, middle)
    return first


_PRECISION_NS: Final = 1_000_000_000


def _is_inside(bound: int, within: OpenWindow) -> bool:
    after = within.start_ns is None or bound > within.start_ns
    return after and (within.end_ns is None or bound < within.end_ns)
