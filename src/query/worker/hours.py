"""Which hours rollups have all points of (docs/format.md, "Rollups of metrics")."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from query.worker.sources import TableRows

_HOUR_NS: Final = 3_600 * 1_000_000_000
# Files of clocks gone wild are not rolled up: they span more than this by far.
_LONGEST_FILE_HOURS: Final = 24 * 31


def hours_rolled_up(rows: Mapping[str, TableRows]) -> Collection[int]:
    """Hours since 1970 of which there are points; none where the job does not read rollups."""
    if "metric_rollups" not in rows:
        return ()
    until: dict[int, int] = {}
    for hours, segment in _files(rows["metric_rollups"]):
        for hour in hours:
            until[hour] = max(until.get(hour, -1), segment)
    points = rows["metric_points"]
    known, unknown = set[int](), _hot_hours(points.hot)
    for hours, segment in _files(points):
        is_wild = len(hours) > _LONGEST_FILE_HOURS
        fewest = hours if len(hours) < len(until) else until
        own = {hour for hour in fewest if hour in hours and hour in until}
        known |= own
        unknown |= {hour for hour in own if is_wild or segment > until[hour]}
    return known - unknown


def _files(rows: TableRows) -> Iterator[tuple[range, int]]:
    """The hours of which each file may have rows, and its last segment."""
    for group in rows.groups:
        for (first, last), segment in zip(group.times, group.segments, strict=True):
            yield range(first // _HOUR_NS, last // _HOUR_NS + 1), segment


def _hot_hours(hot: pa.Table | None) -> set[int]:
    if hot is None:
        return set()
    names = [name for name in ("time", "received_time") if name in hot.column_names]
    moments = pc.coalesce(*map(hot.column, names))
    return set(pc.unique(pc.divide(moments.cast(pa.int64()), _HOUR_NS)).to_pylist())
