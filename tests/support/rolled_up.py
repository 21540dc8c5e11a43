"""A storage whose metrics are rolled up in the test's process, and what its rollups must say."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from support.merging import HereAndNow
from support.points import PointDecoder, group, time_ns
from support.rollup_oracle import combined, comparable, rolled_up
from support.storage_folder import settings

from goldeneye.clock import ManualClock
from storage.compaction.worker_process import Worker
from storage.engine import Storage
from storage.file_system import FileSystem, RealFileSystem

START_NS = 1_767_225_600_000_000_000
SETTLED_S = 1_800
SECOND_NS = 10**9
HOUR_S = 3_600
Row = dict[str, Any]


def rolled_up_here(
    data_dir: Path,
    clock: ManualClock,
    fs: FileSystem | None = None,
    worker: Worker | None = None,
    **changes: Any,
) -> Storage:
    fs = fs or RealFileSystem()
    return Storage.open(
        settings(data_dir, **changes),
        PointDecoder(),
        clock,
        fs,
        worker=worker or HereAndNow(fs),
        threads=False,
    )


@contextmanager
def opened(
    data_dir: Path,
    clock: ManualClock,
    fs: FileSystem | None = None,
    worker: Worker | None = None,
    **changes: Any,
) -> Iterator[Storage]:
    storage = rolled_up_here(data_dir, clock, fs, worker, **changes)
    try:
        yield storage
    finally:
        storage.close(10)


def send(storage: Storage, clock: ManualClock, points: list[Row]) -> list[Row]:
    """The points as they are in files now."""
    storage.commit([group(points, clock.now_ns())])
    storage.flush()
    return [{"received_time": clock.now_ns(), **point} for point in points]


def rollups(data_dir: Path) -> list[Row]:
    """All rows, read as anybody reads them; times as nanoseconds."""
    files = list((data_dir / "lake" / "metric_rollups").rglob("*.parquet"))
    if not files:
        return []
    times = ", ".join(
        f"epoch_ns({name}) AS {name}"
        for name in ("time", "received_time", "first_time", "last_time")
    )
    found = duckdb.sql(
        f"SELECT * REPLACE ({times}) "
        f"FROM read_parquet({[str(path) for path in files]}, hive_partitioning = false) "
        "ORDER BY series_id, period_s, time, first_time"
    )
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def check(data_dir: Path, sent: list[Row]) -> None:
    """The folder's rollups are those of the points, and no others."""
    points: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for point in sent:
        for period_s in (300, 3600):
            start_ns = time_ns(point) // (period_s * SECOND_NS) * period_s * SECOND_NS
            points[point["series_id"], period_s, start_ns].append(point)
    rows: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for row in rollups(data_dir):
        rows[row["series_id"], row["period_s"], row["time"]].append(row)
    assert rows.keys() == points.keys()
    for key, expected in points.items():
        assert plain(rows[key]) == rolled_up(expected)
        assert rows[key][0]["type"] == expected[0]["type"]
        assert max(row["received_time"] for row in rows[key]) == max(
            point["received_time"] for point in expected
        )
    for series_id, period_s in {key[:2] for key in rows}:
        found = [
            row for key, own in rows.items() if key[:2] == (series_id, period_s) for row in own
        ]
        whole = [p for key, own in points.items() if key[:2] == (series_id, period_s) for p in own]
        assert combined(found) == rolled_up(whole)


def plain(rows: list[Row]) -> list[Row]:
    found = [
        comparable(row) if row["point_count"] else {"point_count": row["point_count"]}
        for row in rows
    ]
    counts = ("stale_count", "duplicate_count")
    found[0] |= {name: sum(row[name] for row in rows) for name in counts}
    return found


KINDS = (
    ("gauge", None),
    ("sum", "cumulative"),
    ("sum", "delta"),
    ("histogram", "cumulative"),
    ("histogram", "delta"),
    ("exponential_histogram", "cumulative"),
    ("exponential_histogram", "delta"),
    ("summary", None),
)
# Around the ends of periods and hours; within a series, so few that some arrive twice.
SECONDS = (*range(0, 20, 5), *range(285, 315, 5), *range(3_585, 3_615, 5), *range(7_100, 7_300, 20))


def a_point(random: Random, series_id: int) -> Row:
    type_, temporality = KINDS[series_id % len(KINDS)]
    point: Row = {
        "series_id": series_id,
        "name": f"metric-{series_id}",
        "type": type_,
        "temporality": temporality,
        "time": START_NS + random.choice(SECONDS) * SECOND_NS,
        "start_time": random.choice([None, START_NS]),
        "flags": int(random.random() < 0.1),
    }
    return point if point["flags"] else point | values(random, type_)


def values(random: Random, type_: str) -> Row:
    def value() -> float:
        return random.randint(-40, 400) / 8

    def counts(size: int) -> list[int]:
        # Mostly so many more that they are no reset.
        return [random.randint(0, 3) + random.choice([0, 5, 10]) for _ in range(size)]

    if type_ in ("gauge", "sum"):
        return {"value": value()}
    point: Row = {"sum": value()}
    if type_ == "summary":
        return point | {"count": random.randint(0, 9)}
    if random.random() < 0.5:
        point |= {"min": value(), "max": value()}
    if type_ == "histogram":
        bounds = random.choice([[], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 3.0]])
        found = counts(len(bounds) + 1 if bounds else 0)
        return point | {"count": sum(found), "bucket_counts": found, "explicit_bounds": bounds}
    positive, negative = (counts(random.choice([0, 1, 4, 6])) for _ in range(2))
    zero = random.randint(0, 3)
    return point | {
        "count": sum(positive) + sum(negative) + zero,
        "scale": random.choice([0, 1, 1, 1, 3]),
        "zero_count": zero,
        "zero_threshold": random.choice([0.0, 0.0, 0.0, 0.5]),
        "positive_offset": random.choice([-7, -1, 0, 0, 0]),
        "positive_bucket_counts": positive,
        "negative_offset": random.choice([-3, 2, 2, 2, 2]),
        "negative_bucket_counts": negative,
    }


def some_points(random: Random, count: int) -> list[Row]:
    """One an instant: of two that arrived together none is the later one."""
    found = [a_point(random, random.randint(1, 3 * len(KINDS))) for _ in range(count)]
    return list({(point["series_id"], point["time"]): point for point in found}.values())
