"""What no storage is needed for: passes, and values that are hard to add."""

import math
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.fake_decoder import PROMOTED
from support.points import group
from support.rolled_up import START_NS, Row, some_points

from goldeneye.clock import HOUR_NS
from goldeneye.schemas import table
from storage.partitions import Partition
from storage.rollups import compute
from storage.rollups.compute import SCHEMA, Rollups
from storage.rollups.task import Task

HOUR = START_NS // HOUR_NS


def rolled_up(folder: Path, points: list[Row], with_series: bool = True) -> list[Row]:
    """The rows of the first hour, of 3600 s first."""
    batches = group(points, START_NS + HOUR_NS).decoded.batches
    paths = {}
    for name, batch in batches.items():
        paths[name] = str(folder / f"{name}.parquet")
        schema = table(name, PROMOTED)
        rows = pa.Table.from_batches([batch]).select(schema.names).cast(schema)
        pq.write_table(rows, paths[name])
    task = Task(
        id="r",
        output="",
        tenant="default",
        partition=Partition(HOUR // 24, HOUR % 24),
        hours=(HOUR,),
        points=(paths["metric_points"],),
        series=(paths["metric_series"],) if with_series else (),
        old=(),
        replaces=(),
        segment=1,
        timeout_s=1.0,
    )
    spill = folder / "staging"
    spill.mkdir(exist_ok=True)
    rollups = Rollups(Task.of(task.as_json()), spill)
    try:
        found = pa.Table.from_batches(list(rollups.batches()), SCHEMA)
    finally:
        rollups.close()
    assert not list(spill.iterdir())
    times = ("time", "received_time", "first_time", "last_time")
    for name in times:
        at = found.schema.get_field_index(name)
        found = found.set_column(at, name, found[name].cast(pa.int64()))
    rows_: list[Row] = found.to_pylist()
    return rows_


def one(type_: str, temporality: str | None, second: int, **columns: Any) -> Row:
    return {
        "series_id": 1,
        "name": "m",
        "type": type_,
        "temporality": temporality,
        "time": START_NS + second * 10**9,
        **columns,
    }


def by_key(row: Row) -> tuple[Any, ...]:
    return row["period_s"], row["series_id"], row["time"], row["first_time"] or 0


def test_many_passes_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        # As hashes are: all over the range.
        {**point, "series_id": point["series_id"] * (1 << 64) // 25}
        for point in some_points(Random(7), 500)
    ]
    together = rolled_up(tmp_path, points)
    monkeypatch.setattr(compute, "_PASS_POINTS", 40)
    apart = rolled_up(tmp_path, points)
    assert sorted(apart, key=by_key) == sorted(together, key=by_key)
    assert len(together) > 50


def test_what_does_not_fit_into_memory_is_done_in_more_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [
        one(
            "histogram",
            "cumulative",
            second,
            count=0,
            sum=0.0,
            explicit_bounds=[],
            bucket_counts=[],
        )
        | {"series_id": (1 << 62) * series}
        for series in range(4)
        for second in range(5)
    ]
    expected = rolled_up(tmp_path, points)
    calls = []
    whole = Rollups._pass

    def narrow(self: Rollups, low: int, high: int) -> None:
        calls.append((low, high))
        if high - low >= 1 << 63:
            raise compute.duckdb.OutOfMemoryException("too much")
        whole(self, low, high)

    monkeypatch.setattr(Rollups, "_pass", narrow)
    assert rolled_up(tmp_path, points) == expected
    assert calls[0] == (0, (1 << 64) - 1)
    assert len(calls) == 5


def test_nan_is_no_reset_and_no_extreme(tmp_path: Path) -> None:
    values = (1.0, math.nan, 5.0)
    points = [one("sum", "cumulative", n, value=value) for n, value in enumerate(values)]
    row = rolled_up(tmp_path, points)[0]
    assert (row["min"], row["max"], row["first"], row["last"], row["resets"]) == (1, 5, 1, 5, 0)
    assert math.isnan(row["sum"])
    assert math.isnan(row["increase"])


def test_counts_stop_at_the_greatest(tmp_path: Path) -> None:
    most = (1 << 64) - 1
    points = [
        one(
            "histogram", "delta", n, count=most, sum=1e308, bucket_counts=[most], explicit_bounds=[]
        )
        for n in range(2)
    ]
    row = rolled_up(tmp_path, points)[0]
    assert (row["count"], row["bucket_counts"], row["sum"]) == (most, [most], math.inf)


def test_buckets_far_apart_are_merged_at_a_coarser_scale(tmp_path: Path) -> None:
    far = {"count": 2, "sum": 0.0, "scale": 20, "zero_count": 0, "zero_threshold": 0.0}
    none = {"negative_offset": 0, "negative_bucket_counts": []}
    points = [
        one("exponential_histogram", "delta", n, **far, **none)
        | {"positive_offset": offset, "positive_bucket_counts": [2]}
        for n, offset in enumerate((-(1 << 31), (1 << 31) - 2))
    ]
    row = rolled_up(tmp_path, points)[0]
    shift = 20 - row["scale"]
    assert len(row["positive_bucket_counts"]) <= 1 << (compute.BUCKET_BITS + 1)
    assert sum(row["positive_bucket_counts"]) == 4
    assert row["positive_offset"] == -(1 << 31) >> shift
    last = row["positive_offset"] + len(row["positive_bucket_counts"]) - 1
    assert last == ((1 << 31) - 2) >> shift


def test_a_lower_zero_count_is_a_reset(tmp_path: Path) -> None:
    """Though count and buckets are greater."""
    none = {"negative_offset": 0, "negative_bucket_counts": [], "zero_threshold": 0.0, "scale": 1}
    points = [
        one("exponential_histogram", "cumulative", n, **none, positive_offset=3)
        | {"count": zero + more, "sum": 1.0, "zero_count": zero, "positive_bucket_counts": [more]}
        for n, (zero, more) in enumerate(((3, 1), (2, 9)))
    ]
    row = rolled_up(tmp_path, points)[0]
    assert (row["resets"], row["count"], row["zero_count"]) == (1, 11, 2)
    assert row["positive_bucket_counts"] == [9]


def test_one_point_has_as_many_buckets_as_it_was_sent_with(tmp_path: Path) -> None:
    sent = {"count": 3, "sum": 1.5, "bucket_counts": [1, 2], "explicit_bounds": [0.5]}
    row = rolled_up(tmp_path, [one("histogram", "cumulative", 1, **sent)])[0]
    assert (row["count"], row["bucket_counts"]) == (0, [0, 0])
    assert row["first_histogram"] == row["last_histogram"]
    assert row["first_histogram"]["bucket_counts"] == [1, 2]


def test_points_without_series_count_as_cumulative(tmp_path: Path) -> None:
    points = [one("sum", "delta", n, value=value) for n, value in enumerate((3.0, 9.0))]
    assert rolled_up(tmp_path, points)[0]["increase"] == 12
    row = rolled_up(tmp_path, points, with_series=False)[0]
    assert (row["increase"], row["type"]) == (6, None)


def test_integers_are_numbers(tmp_path: Path) -> None:
    points = [one("sum", "cumulative", n, value_int=value) for n, value in enumerate((3, 9))]
    row = rolled_up(tmp_path, points)[0]
    assert (row["sum"], row["increase"], row["last"]) == (12, 6, 9)


def test_stale_points_alone_have_a_row(tmp_path: Path) -> None:
    for type_ in ("gauge", "histogram"):
        hour, period = rolled_up(tmp_path, [one(type_, None, 1, flags=1)])
        assert (hour["point_count"], hour["stale_count"], hour["first_time"]) == (0, 1, None)
        assert period["time"] == START_NS


def test_points_of_one_millisecond_are_told(tmp_path: Path) -> None:
    """The second and third of one, and none of a point that is in the next."""
    instants = (5_999_999, 6_000_000, 6_000_001, 6_999_999, 7_000_000)
    points = [{**one("gauge", None, 0, value=1.0), "time": START_NS + own} for own in instants]
    row = rolled_up(tmp_path, points)[0]
    assert (row["point_count"], row["same_millisecond_count"]) == (5, 2)


def test_rollups_that_lack_a_newer_column_are_kept(tmp_path: Path) -> None:
    former = pa.Table.from_pylist(rolled_up(tmp_path, [one("gauge", None, 1, value=4.0)]))
    schema = pa.schema([field for field in SCHEMA if field.name != "same_millisecond_count"])
    pq.write_table(former.select(schema.names).cast(schema), tmp_path / "old.parquet")
    task = Task(
        id="r",
        output="",
        tenant="default",
        partition=Partition(HOUR // 24, 24),
        hours=(),
        points=(),
        series=(),
        old=(str(tmp_path / "old.parquet"),),
        replaces=(),
        segment=1,
        timeout_s=1.0,
    )
    rollups = Rollups(task, tmp_path / "staging")
    try:
        found = pa.Table.from_batches(list(rollups.batches()), SCHEMA)
    finally:
        rollups.close()
    assert found["max"].to_pylist() == [4.0, 4.0]
    assert found["same_millisecond_count"].null_count == 2
