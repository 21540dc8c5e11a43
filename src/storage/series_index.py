"""Which series have their row already, so that files hold one row per series and day.

Two layers: what is in files, by tenant and day, and what the generation at hand has seen. A row
is dropped only where one of them has it, never because of a generation that is still unwritten:
if that one could not be written, the points of later ones would lose their series.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from goldeneye.schemas import SERIES_CHECK

Numbers = NDArray[np.uint64]
Day = tuple[str, int]  # tenant, days since the epoch
# Days held in memory: today, and those that late points belong to.
_MAX_DAYS: Final = 16


def _no_numbers() -> Numbers:
    return np.empty(0, np.uint64)


@dataclass(frozen=True)
class Identities:
    """Series ids in ascending order, and for each the other half of its identity's hash."""

    ids: Numbers = field(default_factory=_no_numbers)
    checks: Numbers = field(default_factory=_no_numbers)

    def find(self, ids: Numbers) -> tuple[NDArray[np.bool_], Numbers]:
        """Which of `ids` are known, and the check of each that is."""
        if not len(self.ids):
            return np.zeros(len(ids), np.bool_), np.zeros(len(ids), np.uint64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return self.ids[at] == ids, self.checks[at]

    def union(self, ids: Numbers, checks: Numbers) -> "Identities":
        known, _ = self.find(ids)
        merged = np.concatenate([self.ids, ids[~known]])
        merged_checks = np.concatenate([self.checks, checks[~known]])
        unique, first = np.unique(merged, return_index=True)
        return Identities(unique, merged_checks[first])


class SeriesIndex:
    """`load` reads what files hold for a tenant and day. Used under the storage's commit lock."""

    def __init__(self, load: Callable[[str, int], Identities]) -> None:
        self._load = load
        self._in_files: OrderedDict[Day, Identities] = OrderedDict()
        self._in_generation: dict[tuple[int, Day], Identities] = {}

    def admit(
        self, generation: int, tenant: str, series: pa.RecordBatch, points: pa.RecordBatch
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """The series rows that are new, and the points, with colliding ids replaced in both."""
        series, points = self._without_collisions(generation, tenant, series, points)
        new = np.ones(series.num_rows, np.bool_)
        for day, rows in _by_day(series).items():
            ids, checks = _numbers(series, rows)
            new[rows] = ~self._known(generation, (tenant, day), ids)[0]
            seen = self._in_generation.get((generation, (tenant, day)), Identities())
            self._in_generation[generation, (tenant, day)] = seen.union(ids, checks)
        return series.filter(pa.array(new)), points

    def unwritten(self, tenant: str, rows: pa.Table) -> pa.Table:
        """The series rows that no file has yet, each once; asked again when files are written."""
        keep = np.ones(rows.num_rows, np.bool_)
        for day, at in _by_day(rows).items():
            ids = _column(rows, "series_id")[at]
            known, _ = self._files((tenant, day)).find(ids)
            _, first = np.unique(ids, return_index=True)
            once = np.zeros(len(ids), np.bool_)
            once[first] = True
            keep[at] = once & ~known
        return rows.filter(pa.array(keep))

    def of_generation(self, generation: int) -> Mapping[Day, Identities]:
        """What a generation has seen: what the catalog remembers with its files."""
        return {
            day: identities
            for (number, day), identities in self._in_generation.items()
            if number == generation
        }

    def written(self, generation: int) -> None:
        """The generation's files are committed."""
        for day, seen in self.of_generation(generation).items():
            if day in self._in_files:
                self._in_files[day] = self._in_files[day].union(seen.ids, seen.checks)
            del self._in_generation[generation, day]

    def forget(self, generation: int) -> None:
        """The generation will not be written."""
        for day in self.of_generation(generation):
            del self._in_generation[generation, day]

    def _files(self, day: Day) -> Identities:
        if day not in self._in_files:
            self._in_files[day] = self._load(*day)
            while len(self._in_files) > _MAX_DAYS:
                self._in_files.popitem(last=False)
        self._in_files.move_to_end(day)
        return self._in_files[day]

    def _known(self, generation: int, day: Day, ids: Numbers) -> tuple[NDArray[np.bool_], Numbers]:
        in_files, file_checks = self._files(day).find(ids)
        seen = self._in_generation.get((generation, day), Identities())
        in_generation, generation_checks = seen.find(ids)
        return in_files | in_generation, np.where(in_files, file_checks, generation_checks)

    def _without_collisions(
        self, generation: int, tenant: str, series: pa.RecordBatch, points: pa.RecordBatch
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Give every identity whose id belongs to another one its second id."""
        replaced: dict[int, int] = {}
        for day, rows in _by_day(series).items():
            ids, checks = _numbers(series, rows)
            known, found = self._known(generation, (tenant, day), ids)
            for at in np.flatnonzero(known & (found != checks)):
                replaced[int(ids[at])] = second_id(int(ids[at]), int(checks[at]))
        if not replaced:
            return series, points
        return _replace(series, replaced), _replace(points, replaced)


def second_id(series_id: int, check: int) -> int:
    """The id of an identity whose first one is another's (docs/decoding.md, section 5)."""
    identity = check.to_bytes(8, "big") + series_id.to_bytes(8, "big")
    return xxhash.xxh3_128_intdigest(identity + b"\x01") & 0xFFFF_FFFF_FFFF_FFFF


def _by_day(series: pa.RecordBatch | pa.Table) -> dict[int, NDArray[np.intp]]:
    days = _column(series, "day").astype("datetime64[D]").astype(np.int64)
    return {int(day): np.flatnonzero(days == day) for day in np.unique(days)}


def _column(rows: pa.RecordBatch | pa.Table, name: str) -> NDArray[np.uint64]:
    column = rows.column(name)
    chunks = column.chunks if isinstance(rows, pa.Table) else [column]
    return np.concatenate(
        [np.empty(0, column.type.to_pandas_dtype()), *(c.to_numpy(False) for c in chunks)]
    )


def _numbers(series: pa.RecordBatch, rows: NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    return _column(series, "series_id")[rows], _column(series, SERIES_CHECK)[rows]


def _replace(rows: pa.RecordBatch, replaced: Mapping[int, int]) -> pa.RecordBatch:
    ids = _column(rows, "series_id").copy()
    for old, new in replaced.items():
        ids[ids == old] = new
    at = rows.schema.get_field_index("series_id")
    return rows.set_column(at, rows.schema.field(at), pc.cast(pa.array(ids), pa.uint64()))
