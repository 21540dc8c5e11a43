"""Which hours rollups have all points of, by the last segments of files and by hot rows."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from goldeneye.clock import HOUR_NS
from query.worker.hours import hours_rolled_up
from query.worker.sources import FileGroup, TableRows

# The first and last hour, and the last segment.
File = tuple[int, int, int]
ROLLUPS: Final = [(0, 23, 7), (24, 24, 9)]


def _rows(files: Sequence[File], hot: pa.Table | None = None) -> TableRows:
    times = [(first * HOUR_NS, last * HOUR_NS + 1) for first, last, _ in files]
    return TableRows([FileGroup({}, "", [""] * len(files), times, [own for *_, own in files])], hot)


def _hours(points: Sequence[File], hot: pa.Table | None = None) -> set[int]:
    rows = {"metric_points": _rows(points, hot), "metric_rollups": _rows(ROLLUPS)}
    return set(hours_rolled_up(rows))


def test_hours_with_points_of_later_segments_are_not_rolled_up() -> None:
    assert _hours([(0, 3, 7), (20, 25, 9), (2, 2, 8)]) == {0, 1, 3, 24}


def test_hours_without_points_are_not_rolled_up() -> None:
    assert _hours([(5, 6, 1)]) == {5, 6}


def test_hours_of_files_that_span_months_are_not_rolled_up() -> None:
    assert _hours([(5, 8, 1), (7, 7 + 24 * 40, 1)]) == {5, 6}


def test_hours_with_hot_points_are_not_rolled_up() -> None:
    """A point without a time lies where it arrived."""
    kind = pa.timestamp("ns")
    hot = pa.table(
        {
            "time": pa.array([5 * HOUR_NS + 1, None], kind),
            "received_time": pa.array([9 * HOUR_NS, 6 * HOUR_NS], kind),
        }
    )
    assert _hours([(5, 9, 1)], hot) == {7, 8, 9}


def test_none_are_rolled_up_where_nobody_reads_rollups() -> None:
    assert not hours_rolled_up({"metric_points": _rows([(0, 3, 1)])})
