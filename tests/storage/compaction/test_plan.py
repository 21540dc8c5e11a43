"""What is merged."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from goldeneye.clock import DAY_NS, HOUR_NS
from goldeneye.limits import MAX_COMBINED_ROWS, MIB
from goldeneye.schemas import DERIVED_FROM
from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile
from storage.compaction.plan import DAY_SETTLED_NS, MAX_INPUTS, RUN, TARGET_BYTES, jobs
from storage.partitions import WHOLE_DAY, Partition

TABLES = ("spans", "logs", "metric_series", "metric_points")


def file(
    id_: str,
    time_ns: int,
    size_bytes: int,
    table: str = "spans",
    partition: Partition | None = None,
    promotion: str = "p",
    row_count: int = 1,
) -> CatalogFile:
    entry = FileEntry(
        id_,
        table,
        "default",
        "",
        row_count,
        size_bytes,
        time_ns,
        time_ns,
        (),
        frozenset(),
        promotion,
        time_ns,
    )
    day = time_ns // DAY_NS
    where = partition or Partition(day, time_ns % DAY_NS // HOUR_NS)
    return CatalogFile(entry, where, last_segment=1, crc32=None)


@st.composite
def folders(draw: st.DrawFn) -> list[CatalogFile]:
    return [
        file(
            str(number),
            draw(st.integers(0, 3 * 24 * 6)) * HOUR_NS // 6,
            draw(st.sampled_from([1_000, MIB, 40 * MIB, 63 * MIB, 64 * MIB, 200 * MIB])),
            draw(st.sampled_from(TABLES)),
            promotion=draw(st.sampled_from("pq")),
        )
        for number in range(draw(st.integers(0, 60)))
    ]


@given(folders(), st.integers(0, 5 * 24))
def test_a_job_merges_small_neighbours_of_one_kind(files: list[CatalogFile], hour: int) -> None:
    planned = list(jobs(files, hour * HOUR_NS))
    taken = Counter(one.entry.id for job in planned for one in job.inputs)
    assert all(count == 1 for count in taken.values())
    for job in planned:
        assert 2 <= len(job.inputs) <= MAX_INPUTS
        assert sum(one.entry.size_bytes for one in job.inputs) <= TARGET_BYTES
        assert all(one.entry.size_bytes < TARGET_BYTES // 2 for one in job.inputs)
        kinds = {
            (one.entry.table, one.entry.tenant, one.entry.promotion, one.partition.day)
            for one in job.inputs
        }
        assert len(kinds) == 1
        hours = {one.partition.hour for one in job.inputs}
        assert job.partition.hour == WHOLE_DAY or hours == {job.partition.hour}


def test_rows_of_a_derived_table_are_merged_as_far_as_they_fit_into_memory() -> None:
    """Those of other tables are not all in memory."""
    counts = [MAX_COMBINED_ROWS // 2, *[MAX_COMBINED_ROWS // 5] * 7]
    for table in (*DERIVED_FROM, "spans"):
        files = [
            file(str(number), number, MIB, table, Partition(0, WHOLE_DAY), row_count=count)
            for number, count in enumerate(counts)
        ]
        planned = [[int(one.entry.id) for one in job.inputs] for job in jobs(files, 3 * DAY_NS)]
        assert planned == ([[*range(8)]] if table == "spans" else [[1, 2, 3, 4, 5], [6, 7]])


def test_a_run_of_one_size_is_merged_while_its_hour_goes_on() -> None:
    files = [file(str(number), number * 10**10, MIB) for number in range(RUN)]
    assert not list(jobs(files[:-1], 90 * 10**9))
    (job,) = jobs(files, 90 * 10**9)
    assert [one.entry.id for one in job.inputs] == [str(number) for number in range(RUN)]
    assert job.partition == Partition(0, 0)


def test_an_hour_is_merged_when_it_is_over_and_a_day_too() -> None:
    files = [file(str(hour), hour * HOUR_NS + n, MIB) for hour in (3, 5) for n in (1, 2)]
    during = list(jobs(files, 3 * HOUR_NS + HOUR_NS // 2))
    assert not during
    after = list(jobs(files, 7 * HOUR_NS))
    assert [job.partition for job in after] == [Partition(0, 3), Partition(0, 5)]
    (job,) = jobs(files, DAY_NS + DAY_SETTLED_NS + 1)
    assert job.partition == Partition(0, WHOLE_DAY)
    assert len(job.inputs) == 4
