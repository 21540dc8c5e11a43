"""Which hours to roll up now (docs/format.md, "Rollups of metrics")."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from goldeneye.clock import DAY_NS, HOUR_NS
from storage.catalog import CatalogFile
from storage.compaction.plan import HOUR_SETTLED_NS
from storage.partitions import DAY_SETTLED_NS, WHOLE_DAY, Partition

# Files of more days have rows of clocks gone wild: of how many hours, nobody knows.
MAX_DAYS_OF_FILE: Final = 48
_HOURS: Final = 24


@dataclass(frozen=True)
class Job:
    """Rows of `hours` (since the epoch) to be made anew; `old` files become one of `partition`.

    `segment` is the last of the log whose points are in files; `is_quiet` where no more points of
    these hours are to be expected.
    """

    tenant: str
    partition: Partition
    hours: tuple[int, ...]
    points: tuple[CatalogFile, ...]
    series: tuple[CatalogFile, ...]
    old: tuple[CatalogFile, ...]
    segment: int
    is_quiet: bool


# Up to which segment a partition has been rolled up, whether or not that gave a file; -1: not.
Done = Callable[[str, Partition], int]


@dataclass(frozen=True)
class _Day:
    """A tenant's files that may have points of a day, all of its series, and the day's rollups."""

    tenant: str
    day: int
    points: list[CatalogFile]
    series: list[CatalogFile]
    rollups: list[CatalogFile]
    segment: int

    def job(
        self, partition: Partition, stale: "_Stale", old: list[CatalogFile], now_ns: int
    ) -> Job:
        hours = stale.keys()
        points = [file for file in self.points if not _hours(file, self.day).isdisjoint(hours)]
        series = [file for file in self.series if _may_have(file, self.day)]
        received_ns = [file.max_received_ns for files in stale.values() for file in files]
        return Job(
            self.tenant,
            partition,
            tuple(sorted(hours)),
            tuple(points),
            tuple(series),
            tuple(old),
            self.segment,
            is_quiet=max(received_ns, default=0) + HOUR_SETTLED_NS < now_ns,
        )


# Hours that are over, and their files with points that their rollup does not know.
_Stale = Mapping[int, list[CatalogFile]]


def jobs(files: Sequence[CatalogFile], now_ns: int, max_age_ns: int, done: Done) -> Iterator[Job]:
    """What is worth it now, the oldest days first; points older than `max_age_ns` are not."""
    tenants: dict[str, dict[str, list[CatalogFile]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        tenants[file.entry.tenant][file.entry.table].append(file)
    for tenant, tables in sorted(tenants.items()):
        known = tables["metric_points"] + tables["metric_rollups"]
        segment = max((file.last_segment for file in known), default=-1)
        recent = [
            file for file in tables["metric_points"] if file.max_received_ns + max_age_ns >= now_ns
        ]
        points, rollups = _by_day(recent), _by_day(tables["metric_rollups"])
        series = tables["metric_series"]
        for day in sorted(points.keys() | rollups.keys()):
            found = _Day(tenant, day, points[day], series, rollups[day], segment)
            yield from _of_day(found, now_ns, done)


def _by_day(files: Sequence[CatalogFile]) -> dict[int, list[CatalogFile]]:
    days: dict[int, list[CatalogFile]] = defaultdict(list)
    for file in files:
        first, last = file.entry.min_time_ns // DAY_NS, file.entry.max_time_ns // DAY_NS
        if last - first < MAX_DAYS_OF_FILE:
            for day in range(first, last + 1):
                days[day].append(file)
    return days


def _of_day(day: _Day, now_ns: int, done: Done) -> Iterator[Job]:
    is_over = (day.day + 1) * DAY_NS + DAY_SETTLED_NS < now_ns
    whole = Partition(day.day, WHOLE_DAY)
    if is_over or any(file.partition == whole for file in day.rollups):
        hours = range(day.day * _HOURS, (day.day + 1) * _HOURS)
        stale = _stale(day, hours, now_ns, done)
        if stale or (is_over and len(day.rollups) > 1):
            yield day.job(whole, stale, day.rollups, now_ns)
        return
    for hour in range(_HOURS):
        partition = Partition(day.day, hour)
        if stale := _stale(day, [day.day * _HOURS + hour], now_ns, done):
            old = [file for file in day.rollups if file.partition == partition]
            yield day.job(partition, stale, old, now_ns)


def _stale(day: _Day, hours: Sequence[int], now_ns: int, done: Done) -> _Stale:
    covered = {
        hour: _covered(day, hour, done)
        for hour in hours
        if (hour + 1) * HOUR_NS + HOUR_SETTLED_NS < now_ns
    }
    unknown: dict[int, list[CatalogFile]] = defaultdict(list)
    for file in day.points:
        for hour in _hours(file, day.day) & covered.keys():
            if file.last_segment > covered[hour]:
                unknown[hour].append(file)
    return unknown


def _covered(day: _Day, hour: int, done: Done) -> int:
    """The last segment whose points of this hour are rolled up."""
    partitions = (Partition(day.day, hour % _HOURS), Partition(day.day, WHOLE_DAY))
    in_files = [file.last_segment for file in day.rollups if file.partition in partitions]
    return max(in_files + [done(day.tenant, partition) for partition in partitions])


def _may_have(file: CatalogFile, day: int) -> bool:
    return file.entry.min_time_ns < (day + 1) * DAY_NS and file.entry.max_time_ns >= day * DAY_NS


def _hours(file: CatalogFile, day: int) -> set[int]:
    """Those of the day in which the file may have points."""
    first = max(file.entry.min_time_ns // HOUR_NS, day * _HOURS)
    last = min(file.entry.max_time_ns // HOUR_NS, day * _HOURS + _HOURS - 1)
    return set(range(first, last + 1))
