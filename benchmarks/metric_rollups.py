"""What rolling up an hour of metrics costs, and what the rollups take.

    python benchmarks/metric_rollups.py

Points every 15 s, in the order in which they come, in files of up to 2.4 million: half of the
number series count up and start again now and then, half are gauges; histograms have 16 buckets.
Each hour is rolled up by the worker process of the storage.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye.clock import HOUR_NS
from goldeneye.schemas import PromotedKeys, table
from storage.partitions import Partition
from storage.rollups.task import Task

HOUR: Final = 490_896
EVERY_S: Final = 15
POINTS: Final = 3600 // EVERY_S
BUCKETS: Final = 16
FILE_SERIES: Final = 10_000
# Kind, series.
CASES: Final = (("numbers", 1_000), ("numbers", 10_000), ("numbers", 50_000), ("histograms", 1_000))


def main() -> None:
    print(
        "| series | points | s | CPU, s | points/CPU s | peak, MiB | rows | bytes a row "
        "| bytes a series and day |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for kind, series in CASES:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), kind, series)


def _prepare(folder: Path, kind: str, count: int) -> None:
    ids = np.random.default_rng(1).integers(0, 1 << 64, count, dtype=np.uint64)
    for first in range(0, count, FILE_SERIES):
        some = _points(kind, ids[first : first + FILE_SERIES])
        _write(folder / f"points-{first}.parquet", "metric_points", some)
    _write(folder / "series.parquet", "metric_series", _series(kind, ids))


def _measure(folder: Path, kind: str, count: int) -> None:
    # In a process of its own, whose memory the worker's peak would else begin with.
    preparation = multiprocessing.get_context("spawn").Process(
        target=_prepare, args=(folder, kind, count)
    )
    preparation.start()
    preparation.join()
    points = tuple(map(str, sorted(folder.glob("points-*.parquet"))))
    series = str(folder / "series.parquet")
    (folder / "staging").mkdir()
    output = folder / "staging" / "r.parquet"
    partition = Partition(HOUR // 24, HOUR % 24)
    task = Task("r", str(output), "t", partition, (HOUR,), points, (series,), (), (), 1, 1e4)
    began_s = time.perf_counter()
    done, cpu_s, peak_mib = _worked(task.as_json())
    seconds = time.perf_counter() - began_s
    rows, size_bytes = done["metadata"]["row_count"], done["size_bytes"]
    print(
        f"| {count:,} {kind} | {count * POINTS:,} | {seconds:.1f} | {cpu_s:.1f} "
        f"| {count * POINTS / cpu_s:,.0f} "
        f"| {peak_mib:,} | {rows:,} | {size_bytes / rows:.1f} | {24 * size_bytes / count:,.0f} |"
    )


def _worked(task: Mapping[str, Any]) -> tuple[dict[str, Any], float, int]:
    """What the worker says, its seconds of CPU, and the most memory that it had, in MiB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "storage.compaction.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin as stdin:
        stdin.write(json.dumps(task).encode())
    with process.stdout as stdout:
        done: dict[str, Any] = json.load(stdout)
    _, _, used = os.wait4(process.pid, 0)
    return done, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def _points(kind: str, ids: np.ndarray) -> dict[str, Any]:
    random = np.random.default_rng(2)
    count = len(ids)
    jitter = random.integers(0, 10**9, count)
    at = HOUR * HOUR_NS + np.arange(POINTS)[:, None] * EVERY_S * 10**9 + jitter
    found: dict[str, Any] = {
        "series_id": np.tile(ids, POINTS),
        "name": [f"shop.metric.{number % 50}" for number in range(count)] * POINTS,
        "time": at.ravel(),
        "received_time": at.ravel() + 10**9,
        "flags": np.zeros(count * POINTS, np.int64),
    }
    return found | (_numbers(random, count) if kind == "numbers" else _histograms(random, count))


def _numbers(random: np.random.Generator, count: int) -> dict[str, Any]:
    values = np.cumsum(random.integers(0, 100, (POINTS, count)), axis=0).astype(np.float64)
    resets = random.random(count) < 0.05
    values[POINTS // 2 :, resets] -= values[POINTS // 2, resets]
    values[:, 1::2] = random.normal(50.0, 9.0, (POINTS, count))[:, 1::2]
    return {"value": values.ravel()}


def _histograms(random: np.random.Generator, count: int) -> dict[str, Any]:
    buckets = np.cumsum(random.poisson(1.0, (POINTS, count, BUCKETS)), axis=0)
    counts = buckets.sum(axis=2).ravel().astype(np.uint64)
    offsets = np.arange(0, count * POINTS * BUCKETS + 1, BUCKETS, np.int32)
    bounds = np.tile(np.arange(BUCKETS - 1, dtype=np.float64), count * POINTS)
    of_bounds = np.arange(0, len(bounds) + 1, BUCKETS - 1, np.int32)
    return {
        "count": counts,
        "sum": counts * 0.25,
        "bucket_counts": pa.ListArray.from_arrays(offsets, buckets.ravel().astype(np.uint64)),
        "explicit_bounds": pa.ListArray.from_arrays(of_bounds, bounds),
    }


def _series(kind: str, ids: np.ndarray) -> dict[str, Any]:
    types = ["histogram", "histogram"] if kind == "histograms" else ["sum", "gauge"]
    own = [types[at % 2] for at in range(len(ids))]
    return {
        "series_id": ids,
        "day": np.full(len(ids), HOUR // 24, np.int32),
        "type": own,
        "temporality": [None if one == "gauge" else "cumulative" for one in own],
    }


def _write(path: Path, name: str, columns: Mapping[str, Any]) -> None:
    schema = table(name, PromotedKeys())
    rows = len(columns["series_id"])
    arrays = list(_arrays(schema, columns, rows))
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")


def _arrays(schema: pa.Schema, columns: Mapping[str, Any], rows: int) -> Iterator[pa.Array]:
    for field in schema:
        values = columns.get(field.name)
        yield pa.nulls(rows, field.type) if values is None else pa.array(values).cast(field.type)


if __name__ == "__main__":
    main()
