"""How many files a year comes to, and how often its rows are written."""

import itertools
import random
from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.clock import DAY_NS, HOUR_NS
from goldeneye.limits import MAX_FLUSH_PARTITIONS, MIB
from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile
from storage.compaction.plan import TARGET_BYTES, Job, jobs
from storage.partitions import DAY_SETTLED_NS, WHOLE_DAY, Partition, split

MINUTE_NS = HOUR_NS // 60
SECOND_NS = MINUTE_NS // 60
YEAR_NS = 365 * DAY_NS
# The bounds of docs/format.md: of files below 64 MiB in a table's settled day, of files of a quiet
# service beyond one a day, and of how often a row is written.
MAX_SMALL = 7
MAX_UNSETTLED = 100
MAX_WRITTEN = 25


class Folder:
    """Files of one table, merged as the planner says."""

    def __init__(self) -> None:
        self.days: dict[int, dict[str, CatalogFile]] = defaultdict(dict)
        self.count = self.most = self.written_bytes = self.merged_bytes = 0
        self._changed: set[int] = set()
        self.times_written: dict[str, int] = {}
        self._ids = map(str, itertools.count())

    def flush(self, now_ns: int, times_ns: list[int], row_bytes: int) -> None:
        """Rows of these times, received now, become files as `split` says."""
        rows = pa.table(
            {
                "start_time": pa.array(times_ns, pa.timestamp("ns")),
                "received_time": pa.array([now_ns] * len(times_ns), pa.timestamp("ns")),
            }
        )
        for part in split("spans", rows):
            times = (part.min_time_ns, part.max_time_ns)
            self._write(part.partition, times, part.rows.num_rows * row_bytes, now_ns)

    def flush_live(self, now_ns: int, size_bytes: int) -> None:
        """Rows of this very moment, of which `split` makes one file."""
        where = Partition(now_ns // DAY_NS, now_ns % DAY_NS // HOUR_NS)
        self._write(where, (now_ns, now_ns), size_bytes, now_ns)

    def compact(self, now_ns: int) -> None:
        """Days of one file have nothing to merge, so the planner is spared them."""
        self._changed = {day for day in self._changed if len(self.days[day]) > 1}
        while planned := list(
            jobs([file for day in self._changed for file in self.days[day].values()], now_ns)
        ):
            for job in planned:
                self._merge(job)

    def small(self, day: int) -> list[CatalogFile]:
        files = self.days[day].values()
        return [file for file in files if file.entry.size_bytes < TARGET_BYTES // 2]

    def _merge(self, job: Job) -> None:
        for file in job.inputs:
            del self.days[file.partition.day][file.entry.id]
        self.count -= len(job.inputs)
        size_bytes = sum(file.entry.size_bytes for file in job.inputs)
        self.merged_bytes += size_bytes
        times = (
            min(file.entry.min_time_ns for file in job.inputs),
            max(file.entry.max_time_ns for file in job.inputs),
        )
        received_ns = max(file.max_received_ns for file in job.inputs)
        written = 1 + max(self.times_written.pop(file.entry.id) for file in job.inputs)
        self._add(job.partition, times, size_bytes, received_ns, written)

    def _write(
        self, partition: Partition, times_ns: tuple[int, int], size_bytes: int, now_ns: int
    ) -> None:
        self.written_bytes += size_bytes
        self._add(partition, times_ns, size_bytes, now_ns, times_written=1)
        self.most = max(self.most, self.count)

    def _add(
        self,
        partition: Partition,
        times_ns: tuple[int, int],
        size_bytes: int,
        received_ns: int,
        times_written: int,
    ) -> None:
        id_ = next(self._ids)
        entry = FileEntry(
            id_,
            "spans",
            "default",
            "",
            1,
            size_bytes,
            *times_ns,
            (),
            frozenset(),
            "p",
            received_ns,
        )
        file = CatalogFile(entry, partition, last_segment=1, crc32=None)
        self.days[partition.day][id_] = file
        self.times_written[id_] = times_written
        self._changed.add(partition.day)
        self.count += 1


def test_a_quiet_service_has_a_file_for_each_day_of_a_year() -> None:
    """A request of 20 kB every ten minutes."""
    folder = Folder()
    for now_ns in range(0, YEAR_NS, 10 * MINUTE_NS):
        folder.flush_live(now_ns, 20_000)
        if now_ns % (30 * MINUTE_NS) == 0:
            folder.compact(now_ns)
    assert folder.most < 365 + MAX_UNSETTLED
    folder.compact(YEAR_NS + DAY_NS)
    assert {day: len(files) for day, files in folder.days.items()} == dict.fromkeys(range(365), 1)
    assert folder.merged_bytes < 5 * folder.written_bytes
    assert max(folder.times_written.values()) <= MAX_WRITTEN


def test_a_flush_every_ten_seconds_writes_each_row_few_times() -> None:
    folder = Folder()
    for now_ns in range(0, 2 * DAY_NS, 10 * SECOND_NS):
        folder.flush_live(now_ns, 20_000)
        if now_ns % (30 * SECOND_NS) == 0:
            folder.compact(now_ns)
    assert folder.most < MAX_UNSETTLED
    assert folder.merged_bytes < 6 * folder.written_bytes
    assert max(folder.times_written.values()) <= MAX_WRITTEN


@pytest.mark.parametrize("flush_bytes", [20_000, 20 * MIB])
def test_rows_that_come_late_do_not_have_a_day_written_again_and_again(flush_bytes: int) -> None:
    """Three flushes an hour, each with a row of one of the twenty days before."""
    rng = random.Random(1)
    folder = Folder()
    for now_ns in range(20 * DAY_NS, 40 * DAY_NS, HOUR_NS // 3):
        folder.flush_live(now_ns, flush_bytes)
        folder.flush(now_ns, [now_ns - rng.randrange(DAY_NS, 20 * DAY_NS)], 20_000)
        folder.compact(now_ns)
    folder.compact(now_ns + 2 * DAY_NS)
    assert all(len(folder.small(day)) <= MAX_SMALL for day in list(folder.days))
    assert folder.merged_bytes < 10 * folder.written_bytes
    assert max(folder.times_written.values()) <= MAX_WRITTEN


@pytest.mark.parametrize("flushes", [50, 300])
def test_a_year_imported_in_order_has_a_file_for_each_day_at_once(flushes: int) -> None:
    rng = random.Random(1)
    folder = Folder()
    for number in range(flushes):
        now_ns = 400 * DAY_NS + number * 10 * SECOND_NS
        start_ns = number * YEAR_NS // flushes
        times_ns = [start_ns + rng.randrange(YEAR_NS // flushes) for _ in range(1_000)]
        folder.flush(now_ns, times_ns, 10_000)
        folder.compact(now_ns)
    assert folder.most <= 365 + flushes + 1
    folder.compact(now_ns + HOUR_NS)
    # What a flush has of the next day may be too little to write that day anew for.
    assert max(len(files) for files in folder.days.values()) <= 2
    assert folder.merged_bytes <= folder.written_bytes


def test_a_year_imported_in_no_order_comes_to_few_files_too() -> None:
    rng = random.Random(1)
    folder = Folder()
    for number in range(100):
        now_ns = 400 * DAY_NS + number * 10 * SECOND_NS
        folder.flush(now_ns, [rng.randrange(YEAR_NS) for _ in range(2_000)], 10_000)
        folder.compact(now_ns)
    assert folder.most <= 100 * (MAX_FLUSH_PARTITIONS + 1)
    folder.compact(now_ns + HOUR_NS)
    assert folder.count < 2 * 365
    assert all(len(folder.small(day)) <= MAX_SMALL for day in list(folder.days))
    assert folder.merged_bytes < 2 * folder.written_bytes


def test_of_a_day_that_is_over_no_hours_are_made() -> None:
    now_ns = 3 * DAY_NS + DAY_SETTLED_NS
    folder = Folder()
    folder.flush(now_ns, list(range(0, now_ns + 1, HOUR_NS)), 1_000)
    hours = {
        day: {file.partition.hour for file in files.values()} for day, files in folder.days.items()
    }
    assert hours == {0: {WHOLE_DAY}, 1: {WHOLE_DAY}, 2: {WHOLE_DAY}, 3: set(range(7))}
    folder.flush(now_ns - 1, [2 * DAY_NS], 1_000)
    assert {file.partition.hour for file in folder.days[2].values()} == {WHOLE_DAY, 0}


@given(st.lists(st.integers(1, 63 * MIB), max_size=40))
def test_a_settled_day_has_few_small_files(sizes: list[int]) -> None:
    folder = Folder()
    for size_bytes in sizes:
        folder.flush_live(0, size_bytes)
    folder.compact(2 * DAY_NS)
    assert len(folder.small(0)) <= MAX_SMALL
    assert max(folder.times_written.values(), default=1) <= MAX_WRITTEN
