"""Which series have their row already, so that files hold one row per series and day.

Two layers: what is in files, by tenant and day, and what each unwritten generation has seen. A row
is dropped only where a file or its own generation has it, never because of another unwritten
generation: if that one could not be written, the points of later ones would lose their series.
"""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import structlog
from numpy.typing import NDArray

from goldeneye.schemas import SERIES_CHECK
from storage.identities import Identities, Numbers, other_id
from storage.partitions import days_of

log = structlog.get_logger(__name__)
Day = tuple[str, int]  # tenant, days since the epoch
# Days held in memory: today, and those that late points belong to. Others are read again.
_MAX_DAYS: Final = 16
_MAX_ATTEMPTS: Final = 255


class SeriesIndex:
    """`load` reads what files hold for a tenant and day. Used under the storage's commit lock."""

    def __init__(self, load: Callable[[str, int], Identities]) -> None:
        self._load = load
        self._in_files: OrderedDict[Day, Identities] = OrderedDict()
        self._in_generations: dict[Day, dict[int, Identities]] = {}

    def admit(
        self, generation: int, tenant: str, series: pa.RecordBatch, points: pa.RecordBatch
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """The series rows that are new, and the points, with colliding ids replaced in both."""
        series, points = self._without_collisions(tenant, series, points)
        new = np.zeros(series.num_rows, np.bool_)
        for day, rows in _by_day(series):
            ids, checks = _numbers(series, rows)
            seen = self._in_generations.setdefault((tenant, day), {}).setdefault(
                generation, Identities()
            )
            unknown = ~(self._files((tenant, day)).find(ids)[0] | seen.find(ids)[0])
            new[rows] = unknown & _firsts(ids)
            seen.add(ids[unknown], checks[unknown])
        return series.filter(pa.array(new)), points

    def unwritten(self, tenant: str, rows: pa.Table) -> pa.Table:
        """The series rows that no file has yet; asked again when a generation is written."""
        keep = np.zeros(rows.num_rows, np.bool_)
        for day, at in _by_day(rows):
            ids, _ = _numbers(rows, at)
            keep[at] = _firsts(ids) & ~self._files((tenant, day)).find(ids)[0]
        return rows.filter(pa.array(keep))

    def written(self, generation: int, found: Iterable[tuple[Day, Numbers, Numbers]]) -> None:
        """The generation's files are committed, with these series."""
        for day, ids, checks in found:
            if day in self._in_files:
                self._in_files[day].add(ids, checks)
        self.forget(generation)

    def forget(self, generation: int) -> None:
        """The generation is no longer unwritten."""
        for generations in self._in_generations.values():
            generations.pop(generation, None)
        self._in_generations = {day: left for day, left in self._in_generations.items() if left}

    def let_go(self, day: Day) -> bool:
        """The files of a day's series are to be removed; False where points of it are under way."""
        if day in self._in_generations:
            return False
        self._in_files.pop(day, None)
        return True

    def _files(self, day: Day) -> Identities:
        if day not in self._in_files:
            self._in_files[day] = self._load(*day)
            while len(self._in_files) > _MAX_DAYS:
                self._in_files.popitem(last=False)
        self._in_files.move_to_end(day)
        return self._in_files[day]

    def _anywhere(self, day: Day, ids: Numbers) -> tuple[NDArray[np.bool_], Numbers]:
        known, checks = self._files(day).find(ids)
        for seen in self._in_generations.get(day, {}).values():
            here, found = seen.find(ids)
            checks = np.where(known, checks, found)
            known = known | here
        return known, checks

    def _without_collisions(
        self, tenant: str, series: pa.RecordBatch, points: pa.RecordBatch
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Give every identity whose id belongs to another one an id of its own."""
        for day, rows in _by_day(series):
            ids, checks = _numbers(series, rows)
            known, found = self._anywhere((tenant, day), ids)
            # A check of 0 is unknown, and taken for equal.
            for at in np.flatnonzero(known & (found != checks) & (found != 0) & (checks != 0)):
                old, check = int(ids[at]), int(checks[at])
                new = self._free_id((tenant, day), old, check)
                log.warning("two series share an id; one gets another", series_id=old, now=new)
                series = _replace(series, old, new, days_of("metric_series", series) == day)
                points = _replace(points, old, new, days_of("metric_points", points) == day)
        return series, points

    def _free_id(self, day: Day, series_id: int, check: int) -> int:
        for attempt in itertools.count(1):
            new = other_id(series_id, check, attempt)
            known, found = self._anywhere(day, np.array([new], np.uint64))
            if attempt == _MAX_ATTEMPTS or not known[0] or int(found[0]) in (0, check):
                return new
        raise AssertionError("unreachable")


def identities_by_day(series: pa.Table) -> Iterator[tuple[int, Numbers, Numbers]]:
    """Day, ids and checks of series rows."""
    for day, rows in _by_day(series):
        yield day, *_numbers(series, rows)


def _by_day(series: pa.RecordBatch | pa.Table) -> list[tuple[int, NDArray[np.intp]]]:
    days = days_of("metric_series", series)
    return [(int(day), np.flatnonzero(days == day)) for day in np.unique(days)]


def _numbers(series: pa.RecordBatch | pa.Table, rows: NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    return (
        np.asarray(series.column("series_id"), np.uint64)[rows],
        np.asarray(series.column(SERIES_CHECK), np.uint64)[rows],
    )


def _firsts(ids: Numbers) -> NDArray[np.bool_]:
    """Where an id occurs for the first time."""
    first = np.zeros(len(ids), np.bool_)
    first[np.unique(ids, return_index=True)[1]] = True
    return first


def _replace(rows: pa.RecordBatch, old: int, new: int, where: NDArray[np.bool_]) -> pa.RecordBatch:
    ids = np.asarray(rows.column("series_id"), np.uint64).copy()
    ids[where & (ids == old)] = new
    at = rows.schema.get_field_index("series_id")
    return rows.set_column(at, rows.schema.field(at), pa.array(ids))
