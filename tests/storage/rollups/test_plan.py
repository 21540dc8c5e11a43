"""Which hours are rolled up: those that are over, with points that their rollup does not know."""

from dataclasses import replace

from goldeneye.clock import DAY_NS, HOUR_NS
from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile
from storage.compaction.plan import HOUR_SETTLED_NS
from storage.partitions import DAY_SETTLED_NS, WHOLE_DAY, Partition
from storage.rollups.plan import MAX_DAYS_OF_FILE, Job, jobs

DAY = 20_000
START_NS = DAY * DAY_NS
FOR_EVER_NS = 1 << 62


def file(
    table: str,
    hours: tuple[int, int],
    segment: int,
    partition: Partition | None = None,
    received_ns: int = START_NS,
    tenant: str = "default",
) -> CatalogFile:
    """Of the first day's hours, both included."""
    first, last = (START_NS + hour * HOUR_NS for hour in hours)
    id_ = f"{table}-{hours}-{segment}"
    entry = FileEntry(id_, table, tenant, "", 1, 1, first, last, (), frozenset(), "", received_ns)
    where = partition or Partition(DAY, hours[0] if hours[0] == hours[1] else WHOLE_DAY)
    return CatalogFile(entry, where, segment, None)


def points(*hours: int, segment: int = 1, **more: object) -> CatalogFile:
    return file("metric_points", (min(hours), max(hours)), segment, **more)  # type: ignore[arg-type]


def rollup(*hours: int, segment: int = 1, **more: object) -> CatalogFile:
    return file("metric_rollups", (min(hours), max(hours)), segment, **more)  # type: ignore[arg-type]


def planned(files: list[CatalogFile], now_ns: int, max_age_ns: int = FOR_EVER_NS) -> list[Job]:
    return list(jobs(files, now_ns, max_age_ns, lambda tenant, partition: -1))


def day_hours(*hours: int) -> tuple[int, ...]:
    return tuple(DAY * 24 + hour for hour in hours)


def test_an_hour_is_due_when_it_is_over() -> None:
    files = [points(3), points(4)]
    over_ns = START_NS + 4 * HOUR_NS + HOUR_SETTLED_NS
    assert not planned(files, over_ns)
    (job,) = planned(files, over_ns + 1)
    assert (job.partition, job.hours) == (Partition(DAY, 3), day_hours(3))
    assert job.points == (files[0],)
    assert job.is_quiet
    late = replace(files[0], entry=files[0].entry._replace(max_received_ns=over_ns))
    assert not planned([late], over_ns + 1)[0].is_quiet


def test_an_hour_is_due_again_where_a_segment_is_not_in_its_rollup() -> None:
    now_ns = START_NS + 12 * HOUR_NS
    assert not planned([points(3, segment=7), rollup(3, segment=7)], now_ns)
    (job,) = planned([points(3, segment=7), points(3, segment=9), rollup(3, segment=8)], now_ns)
    assert job.segment == 9
    assert len(job.points) == 2
    assert [one.last_segment for one in job.old] == [8]


def test_a_rollup_never_knows_less_than_before() -> None:
    """Though the last points are gone."""
    (job,) = planned([points(3, segment=7), rollup(4, segment=8)], START_NS + 12 * HOUR_NS)
    assert job.segment == 8


def test_hours_of_a_day_that_is_over_become_one() -> None:
    now_ns = START_NS + DAY_NS + DAY_SETTLED_NS + 1
    files = [points(3), points(5), rollup(3), rollup(5)]
    assert not planned(files, now_ns - 1)
    (job,) = planned(files, now_ns)
    assert (job.partition, job.hours) == (Partition(DAY, WHOLE_DAY), ())
    assert job.old == (files[2], files[3])
    whole = rollup(3, 5, segment=2)
    assert not planned([points(3, 5, segment=2), whole], now_ns)
    (job,) = planned([points(3, 5, segment=2), points(9, segment=4), whole], now_ns)
    assert (job.hours, job.old) == (day_hours(9), (whole,))


def test_a_file_of_many_days_has_times_that_nobody_knows() -> None:
    most = points(0, MAX_DAYS_OF_FILE * 24 - 1)
    now_ns = START_NS + 100 * DAY_NS
    assert len(planned([most], now_ns)) == MAX_DAYS_OF_FILE
    assert not planned([points(0, MAX_DAYS_OF_FILE * 24)], now_ns)


def test_series_are_found_in_files_of_any_length() -> None:
    series = [file("metric_series", hours, 1) for hours in ((0, 0), (0, 9999), (24, 48))]
    (job,) = planned([points(3), *series], START_NS + 12 * HOUR_NS)
    assert job.series == tuple(series[:2])


def test_each_tenant_has_its_own() -> None:
    files = [points(3), rollup(3, tenant="other")]
    (job,) = planned(files, START_NS + 12 * HOUR_NS)
    assert (job.tenant, job.old) == ("default", ())


def test_what_was_looked_at_is_not_due() -> None:
    found = jobs([points(3)], START_NS + 12 * HOUR_NS, FOR_EVER_NS, lambda tenant, partition: 1)
    assert not list(found)


def test_points_older_than_rollups_may_be_are_left() -> None:
    now_ns = START_NS + 12 * HOUR_NS
    assert planned([points(3)], now_ns, 12 * HOUR_NS)
    assert not planned([points(3)], now_ns, 12 * HOUR_NS - 1)
