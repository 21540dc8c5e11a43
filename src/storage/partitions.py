"""Which file a row goes to: its table, its day, its hour."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goldeneye.clock import DAY_NS, HOUR_NS
from goldeneye.limits import MAX_FLUSH_PARTITIONS
from goldeneye.schemas import DERIVED_FROM, OWN_TABLES

# Stands for the whole day, in folder names and in the catalog.
WHOLE_DAY: Final = 24
# So long after its end a day is over, unless more came.
DAY_SETTLED_NS: Final = 6 * HOUR_NS
_EPOCH: Final = dt.date(1970, 1, 1)
# A row's partition is its time, else its receive time. (A log's time is filled at decoding.)
TIME_COLUMNS: Final = {
    "spans": "start_time",
    "logs": "time",
    "metric_points": "time",
    "span_rollups": "minute",
    "trace_parts": "start_time",
    "metric_rollups": "time",
    "slo_minutes": "minute",
    "alert_events": "time",
    "notifications": "time",
}
# Few rows, or small ones: their files are of whole days.
_BY_DAY: Final = ("metric_series", *DERIVED_FROM, *OWN_TABLES)


@dataclass(frozen=True, order=True)
class Partition:
    """`day` counts from the epoch; `hour` is 0 to 23, or WHOLE_DAY."""

    day: int
    hour: int

    @property
    def date(self) -> str:
        return (_EPOCH + dt.timedelta(days=self.day)).isoformat()


@dataclass(frozen=True)
class Part:
    """The rows of one partition, in order of arrival; times are inclusive bounds."""

    partition: Partition
    rows: pa.Table
    min_time_ns: int
    max_time_ns: int

    @property
    def max_received_ns(self) -> int:
        """When the last row was received; of series, which do not say that, the last day."""
        if "received_time" not in self.rows.column_names:
            return self.max_time_ns
        return int(pc.cast(pc.max(self.rows.column("received_time")), pa.int64()).as_py())


def split(table: str, rows: pa.Table) -> list[Part]:
    """Rows by hour: at most MAX_FLUSH_PARTITIONS hours, the rest by day.

    Days that are over go whole: their hours would soon be merged. Where even the days are more
    than MAX_FLUSH_PARTITIONS (clocks gone wild), what is left goes to one file in the day of its
    last arrival: readers that prune by folder must then not be trusted, those that prune by
    minimum and maximum are right.
    """
    times_ns = partition_times_ns(table, rows)
    days = times_ns // DAY_NS
    by_hour = np.zeros(len(days), np.bool_)
    if table not in _BY_DAY:
        last_ns = int(pc.cast(pc.max(rows.column("received_time")), pa.int64()).as_py())
        by_hour = days >= (last_ns - DAY_SETTLED_NS) // DAY_NS
    units = _capped(days, times_ns // HOUR_NS, by_hour)
    found = np.unique(units)
    if len(found) == 1:
        return [_part(int(found[0]), rows, times_ns)]
    return [
        _part(int(unit), rows.filter(pa.array(units == unit)), times_ns[units == unit])
        for unit in found
    ]


def days_of(table: str, rows: pa.RecordBatch | pa.Table) -> NDArray[np.int64]:
    """Each row's day, counted from the epoch."""
    return partition_times_ns(table, rows) // DAY_NS


def partition_times_ns(table: str, rows: pa.RecordBatch | pa.Table) -> NDArray[np.int64]:
    """The time by which a row is filed and pruned, nanoseconds since the epoch."""
    if table == "metric_series":
        days = pc.cast(pc.cast(rows.column("day"), pa.int32()), pa.int64())
        return np.asarray(days) * DAY_NS
    times = rows.column(TIME_COLUMNS[table])
    if table not in DERIVED_FROM and "received_time" in rows.schema.names:
        times = pc.coalesce(times, rows.column("received_time"))
    return np.asarray(pc.cast(times, pa.int64()))


def _capped(
    days: NDArray[np.int64], hours: NDArray[np.int64], by_hour: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """One number a partition: day * 32 + hour."""
    units = days * 32 + WHOLE_DAY
    in_hours = by_hour & np.isin(hours, _busiest(hours[by_hour]))
    units[in_hours] = days[in_hours] * 32 + hours[in_hours] % 24
    kept_days = _busiest(days[~in_hours])
    astray = ~in_hours & ~np.isin(days, kept_days)
    if astray.any():
        units[astray] = days[astray][-1] * 32 + WHOLE_DAY
    return units


def _busiest(units: NDArray[np.int64]) -> NDArray[np.int64]:
    found, counts = np.unique(units, return_counts=True)
    most = MAX_FLUSH_PARTITIONS
    return found if len(found) <= most else found[np.argsort(-counts, kind="stable")[:most]]


def _part(unit: int, rows: pa.Table, times_ns: NDArray[np.int64]) -> Part:
    partition = Partition(unit // 32, unit % 32)
    return Part(partition, rows, int(times_ns.min()), int(times_ns.max()))
