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

# Stands for the whole day, in folder names and in the catalog.
WHOLE_DAY: Final = 24
_EPOCH: Final = dt.date(1970, 1, 1)
# A row's partition is its time, else its receive time. (A log's time is filled at decoding.)
_TIME_COLUMNS: Final = {"spans": "start_time", "logs": "time", "metric_points": "time"}


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

    Where even the days are more than that (clocks gone wild), what is left goes to one file in
    the day of its last arrival: readers that prune by folder must then not be trusted, those that
    prune by minimum and maximum are right.
    """
    times_ns = partition_times_ns(table, rows)
    if table == "metric_series":
        units = _capped(times_ns // DAY_NS, np.zeros(len(times_ns), np.int64), 0)
    else:
        units = _capped(times_ns // DAY_NS, times_ns // HOUR_NS, MAX_FLUSH_PARTITIONS)
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
    times = pc.coalesce(rows.column(_TIME_COLUMNS[table]), rows.column("received_time"))
    return np.asarray(pc.cast(times, pa.int64()))


def _capped(days: NDArray[np.int64], hours: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """One number a partition: day * 32 + hour."""
    units = days * 32 + WHOLE_DAY
    busiest = _busiest(hours, most)
    in_hours = np.isin(hours, busiest)
    units[in_hours] = days[in_hours] * 32 + hours[in_hours] % 24
    kept_days = _busiest(days[~in_hours], MAX_FLUSH_PARTITIONS)
    astray = ~in_hours & ~np.isin(days, kept_days)
    if astray.any():
        units[astray] = days[astray][-1] * 32 + WHOLE_DAY
    return units


def _busiest(units: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    found, counts = np.unique(units, return_counts=True)
    return found if len(found) <= most else found[np.argsort(-counts, kind="stable")[:most]]


def _part(unit: int, rows: pa.Table, times_ns: NDArray[np.int64]) -> Part:
    partition = Partition(unit // 32, unit % 32)
    return Part(partition, rows, int(times_ns.min()), int(times_ns.max()))
